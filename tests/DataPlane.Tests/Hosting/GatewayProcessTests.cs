using System.Net;
using System.Net.Sockets;
using DataPlane.Config;
using DataPlane.Gateway.Transport;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Hosting;

/// <summary>Starting, signals and exit codes of the real process.</summary>
public sealed class GatewayProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("process-").FullName;
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly int _port = GatewayProcess.FreePort();
    private readonly int _adminPort = GatewayProcess.FreePort();

    private string File => Path.Combine(_folder, "gateway.yaml");

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [LinuxFact]
    public async Task Sighup_ReadsTheFileAgain_AndABrokenOneIsToldEverywhere()
    {
        Write("one");
        await using var gateway = await ServeAsync("--no-watch");
        Assert.Equal("one", await _http.GetStringAsync(Url("/a")));
        Write("two");
        await gateway.SignalAsync("HUP");
        await gateway.SaysAsync("generation 2 is in force");
        Assert.Equal("two", await _http.GetStringAsync(Url("/a")));
        await System.IO.File.WriteAllTextAsync(File, "routse: []\nlimits: { connections: x }");
        await gateway.SignalAsync("HUP");
        await gateway.SaysAsync("gateway.yaml:1:1: routse: unknown key");
        Assert.Equal("two", await _http.GetStringAsync(Url("/a")));
        string metrics = await _http.GetStringAsync(Admin("/metrics"));
        Assert.Contains("dataplane_config_last_reload_success 0\n", metrics);
        Assert.Contains("dataplane_config_generation 2\n", metrics);
        Assert.Contains("limits.connections", await _http.GetStringAsync(Admin("/config")));
    }

    [LinuxFact]
    public async Task ChangedFile_IsTakenByItself()
    {
        Write("one");
        await using var gateway = await ServeAsync();
        Write("another");
        await gateway.SaysAsync("generation 2 is in force");
        Assert.Equal("another", await _http.GetStringAsync(Url("/a")));
    }

    [LinuxFact]
    public async Task Sigterm_FailsTheProbe_ServesOn_AndEndsWithZero()
    {
        Write("one", "limits: { drainGrace: 2s, drainTimeout: 5s }");
        await using var gateway = await ServeAsync();
        Assert.Equal("ready\n", await _http.GetStringAsync(Admin("/readyz")));
        await gateway.SignalAsync("TERM");
        await Eventually.HoldsAsync(
            async () => (await _http.GetAsync(Admin("/readyz"))).StatusCode == HttpStatusCode.ServiceUnavailable,
            "the probe to fail");
        using var fresh = new HttpClient();
        Assert.Equal("one", await fresh.GetStringAsync(Url("/a")));
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [LinuxFact]
    public async Task SecondSigterm_EndsAtOnce()
    {
        Write("one", "limits: { drainGrace: 1h }");
        await using var gateway = await ServeAsync();
        await gateway.SignalAsync("TERM");
        await Eventually.HoldsAsync(
            async () => (await _http.GetAsync(Admin("/readyz"))).StatusCode == HttpStatusCode.ServiceUnavailable,
            "the probe to fail");
        await gateway.SignalAsync("TERM");
        Assert.Equal(143, await gateway.ExitAsync());
    }

    [LinuxFact]
    public async Task Sigint_DoesNotWaitForTheGrace()
    {
        Write("one", "limits: { drainGrace: 1h }");
        await using var gateway = await ServeAsync();
        await gateway.SignalAsync("INT");
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [LinuxFact]
    public async Task Sigterm_WhileItStarts_IsNotLost()
    {
        // The start waits for the first answer of a resolver that gives none.
        using var resolver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Write("one", $$"""
            limits: { drainGrace: 0s }
            dns: { startTimeout: 3s, resolvers: ["127.0.0.1:{{((IPEndPoint)resolver.Client.LocalEndPoint!).Port}}"] }
            upstreams: { named: { endpoints: [ { url: "http://named.example" } ] } }
            """);
        await using var gateway = GatewayProcess.Start($"run --config '{File}'");
        await gateway.ObeysSignalsAsync();
        Assert.DoesNotContain("serves on", gateway.Said, StringComparison.Ordinal);
        await gateway.SignalAsync("TERM");
        await gateway.SaysAsync("dataplane: admin on");
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [LinuxFact]
    public async Task BadConfiguration_EndsTheStartWithEveryError()
    {
        await System.IO.File.WriteAllTextAsync(File, "routse: []\nlimits: { connections: x }");
        await using var gateway = GatewayProcess.Start($"run --config '{File}'");
        Assert.Equal(1, await gateway.ExitAsync());
        await gateway.SaysAsync("routse");
        await gateway.SaysAsync("limits.connections");
    }

    [LinuxFact]
    public async Task LastGood_ServesWhenAskedFor()
    {
        Write("kept");
        string state = $"--state '{_folder}/state'";
        await using (var first = await ServeAsync(state))
        {
            await first.SignalAsync("INT");
            Assert.Equal(0, await first.ExitAsync());
        }
        await System.IO.File.WriteAllTextAsync(File, "routse: []");
        await using (var refused = GatewayProcess.Start($"run --config '{File}' {state}"))
            Assert.Equal(1, await refused.ExitAsync());
        await using var gateway = await ServeAsync(state + " --last-good");
        Assert.Contains("routse", gateway.Said);
        Assert.Equal("kept", await _http.GetStringAsync(Url("/a")));
        Assert.Contains("routse", await _http.GetStringAsync(Admin("/config")));
        Write("mended");
        await gateway.SaysAsync("generation 2 is in force");
        Assert.Equal("mended", await _http.GetStringAsync(Url("/a")));
    }

    [LinuxFact]
    public async Task TakenPort_IsToldWithTheListener()
    {
        Write("one");
        await using var gateway = await ServeAsync();
        await using var second = GatewayProcess.Start($"run --config '{File}'");
        Assert.Equal(1, await second.ExitAsync());
        await second.SaysAsync($"listener public cannot listen on 127.0.0.1:{_port}: the address is in use");
    }

    [LinuxFact]
    public async Task SharedPort_AllowsARollingRestart()
    {
        Write("one", "transport: { kind: epoll, reusePort: true }\nlimits: { drainGrace: 0s }");
        await using var old = await ServeAsync();
        int otherAdmin = GatewayProcess.FreePort();
        await using var fresh = GatewayProcess.Start(
            $"run --config '{File}' --set admin.address=127.0.0.1:{otherAdmin}");
        await fresh.SaysAsync("admin on");
        await old.SignalAsync("TERM");
        Assert.Equal(0, await old.ExitAsync());
        using var client = new HttpClient();
        Assert.Equal("one", await client.GetStringAsync(Url("/a")));
    }

    [LinuxFact]
    public async Task LimitOfOpenFiles_ThatIsTooLow_IsToldAtTheStart()
    {
        Write("one", "limits: { connections: 5000 }");
        await using var gateway = await ServeAsync(before: "ulimit -n 1000");
        Assert.Contains("limits.connections is 5000", gateway.Said);
        Assert.Contains("the limit is 1000", gateway.Said);
    }

    [Fact]
    public void LimitOfOpenFiles_CountsBothSides()
    {
        var config = ConfigLoader.Parse(
            """
            limits: { connections: 1000 }
            upstreams:
              u: { endpoints: [ "http://127.0.0.1:1", "http://127.0.0.1:2" ], connections: { max: 100, idle: 1 } }
            """, "g.yaml").Config!;
        Assert.Equal(1000 + 200, OpenFileLimit.NeededBy(config));
        Assert.Null(OpenFileLimit.Describe(config, 1200, 1200));
        Assert.Contains("may need 1200 open files, but the limit is 1199", OpenFileLimit.Describe(config, 1200, 1199));
    }

    private string Url(string path) => $"http://127.0.0.1:{_port}{path}";

    private string Admin(string path) => $"http://127.0.0.1:{_adminPort}{path}";

    private void Write(string body, string more = "") => System.IO.File.WriteAllText(
        File,
        $$"""
        listeners: [ { name: public, address: "127.0.0.1:{{_port}}" } ]
        admin: { address: "127.0.0.1:{{_adminPort}}" }
        accessLog: { to: off }
        {{more}}
        routes: [ { match: { path: /a }, to: { mock: { body: {{body}} } } } ]
        """);

    private async Task<GatewayProcess> ServeAsync(string options = "", string before = "true")
    {
        var gateway = GatewayProcess.Start($"run --config '{File}' {options}", before);
        await gateway.SaysAsync("dataplane: admin on");
        return gateway;
    }
}
