using System.Globalization;
using DataPlane.Config;
using DataPlane.Gateway.Transport;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Deployment;

/// <summary>The systemd unit agrees with the gateway, and systemd with the unit.</summary>
public sealed class ServiceUnitTests
{
    private const string Unit = "deploy/systemd/dataplane.service";
    private const string Binary = "/usr/lib/dataplane/dataplane";

    [Fact]
    public void StopTimeout_CoversTheDrain()
    {
        var limits = new LimitsConfig();
        double least = (limits.DrainGrace + limits.DrainTimeout).TotalSeconds + 10;
        Assert.InRange(int.Parse(ValueOf("TimeoutStopSec"), CultureInfo.InvariantCulture), least, least + 30);
    }

    [Fact]
    public void OpenFiles_AreEnoughForTheStandardLimits()
    {
        var config = ConfigLoader.Parse(
            "upstreams: { a: { endpoints: [\"http://a\", \"http://b\", \"http://c\"] } }", "g.yaml").Config!;
        int limit = int.Parse(ValueOf("LimitNOFILE"), CultureInfo.InvariantCulture);
        Assert.Null(OpenFileLimit.Describe(config, OpenFileLimit.NeededBy(config), limit));
        Assert.InRange(limit, 2 * new LimitsConfig().Connections, int.MaxValue);
    }

    [Fact]
    public void Readiness_IsTold()
    {
        // As ServiceNotice does, from the successor of an upgrade too.
        Assert.Equal("notify", ValueOf("Type"));
        Assert.Equal("all", ValueOf("NotifyAccess"));
    }

    [Fact]
    public void Commands_AreTheGateways()
    {
        Assert.StartsWith($"{Binary} run --config ", ValueOf("ExecStart"), StringComparison.Ordinal);
        Assert.StartsWith($"{Binary} check ", ValueOf("ExecStartPre"), StringComparison.Ordinal);
        Assert.Equal("/bin/kill -HUP $MAINPID", ValueOf("ExecReload"));
    }

    [LinuxFact]
    public async Task Unit_IsTakenBySystemd()
    {
        var folder = Directory.CreateTempSubdirectory("unit-");
        try
        {
            // The binary is not installed here; everything else is looked at.
            string file = Path.Combine(folder.FullName, "dataplane.service");
            string unit = Repository.Read(Unit).Replace(Binary, "/bin/true", StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, unit);
            var (status, said) = await RealTool.RunAsync("systemd-analyze", "systemd", "verify", file);
            Assert.True(status == 0 && !said.Contains("dataplane.service", StringComparison.Ordinal), said);
            // Of 100, where 100 is no protection at all.
            (status, said) = await RealTool.RunAsync(
                "systemd-analyze", "systemd", "security", "--offline=true", "--threshold=25", file);
            Assert.True(status == 0, said);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string ValueOf(string key) => Repository.Read(Unit).Split('\n')
        .Single(line => line.StartsWith(key + "=", StringComparison.Ordinal))[(key.Length + 1)..];
}
