using System.Text;
using DataPlane.Lambda.Hosting.Processes;

namespace DataPlane.Tests.Lambda;

/// <summary>What the kernel tells of the machine's processors.</summary>
public sealed class MachineLoadTests
{
    private readonly MachineLoad _load = new();

    [Fact]
    public void FirstSample_TellsNothing()
    {
        Take("cpu  5000 0 5000 100 0 0 0 0 0 0\n");
        Assert.Equal(0, _load.BusyPercent);
    }

    [Fact]
    public void BusyAllTheTime_RisesToAHundred()
    {
        long busy = 1000;
        for (int sample = 0; sample < 12; sample++) Take($"cpu  {busy += 40} 7 0 500 9 0 0 0 0 0\ncpu0 1 2 3\n");
        Assert.InRange(_load.BusyPercent, 98, 100);
    }

    [Fact]
    public void IdleAndWaitingForDisks_AreNotBusy()
    {
        for (int sample = 1; sample <= 12; sample++)
            Take($"cpu  {sample * 10} 0 0 {sample * 10} {sample * 20} 0 0 0\n");
        Assert.InRange(_load.BusyPercent, 20, 30);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cp")]
    [InlineData("cpu")]
    [InlineData("cpu  x y z\n")]
    public void Unreadable_TellsNothing(string text)
    {
        Take(text);
        Take(text);
        Assert.Equal(0, _load.BusyPercent);
    }

    private void Take(string text) => _load.Take(Encoding.ASCII.GetBytes(text));
}
