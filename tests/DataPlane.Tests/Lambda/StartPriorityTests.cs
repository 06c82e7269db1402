using System.Diagnostics;
using DataPlane.Lambda.Hosting.Processes;
using DataPlane.Tests.Hosting;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda;

/// <summary>Processes that give way while they start.</summary>
public sealed class StartPriorityTests
{
    [Theory]
    [InlineData("Name:\tx\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n", true)]
    [InlineData("CapEff:\t0000000000a00000", true)]
    [InlineData("CapEff:\t0000000000800000\n", false)]
    [InlineData("CapEff:\t00000000a80425fb\n", false)]
    [InlineData("CapEff:\t0000000000000000\n", false)]
    [InlineData("CapEff:\tnothing\n", false)]
    [InlineData("", false)]
    public void Capabilities_SayWhetherItCanBeUndone(string status, bool isPermitted) =>
        Assert.Equal(isPermitted, StartPriority.IsPermitted(status));

    [LinuxFact]
    public void Lowered_AndRestored()
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/setsid", ["/bin/sleep", "60"]))!;
        try
        {
            int before = NiceOf(process.Id);
            if (!StartPriority.TryLower(process.Id)) return;
            Assert.Equal(Math.Min(19, before + 5), NiceOf(process.Id));
            // Its group is its own once setsid has run; until then the restoring of that group changes nothing.
            Assert.True(SpinWait.SpinUntil(() => IsRestored(process.Id, before), TimeSpan.FromSeconds(10)));
        }
        finally
        {
            process.Kill();
        }
    }

    private static bool IsRestored(int pid, int before)
    {
        StartPriority.Restore(pid);
        return NiceOf(pid) == before;
    }

    private static int NiceOf(int pid) => ProcStat.Number(pid, ProcStat.Nice);
}
