using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public sealed class ResidentMemoryTests
{
    [Fact]
    public void Read_SaysWhatTheRuntimeSays()
    {
        using var memory = new ResidentMemory();
        long read = memory.Read();
        Assert.InRange(read, Environment.WorkingSet / 2, Environment.WorkingSet * 2);
    }
}
