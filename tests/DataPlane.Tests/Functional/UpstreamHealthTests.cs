using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>Endpoints that fail in their various ways, behind a gateway that serves meanwhile.</summary>
public sealed class UpstreamHealthTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    /// <summary>The clock stands still in memory: there a wait may be long, and must be longer than a busy machine's
    /// hesitation.</summary>
    private static string Soon(Wire wire) => wire == Wire.Memory ? "10s" : "300ms";

    [Theory]
    [EveryWire]
    public async Task EndpointThatAnswers500_IsEjected(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var bad = new PeerService(gateway.Listen(), PeerService.Response(500));
        await using var good = new PeerService(gateway.Listen(), PeerService.Response(200));
        await gateway.StartAsync(Config(
            $$"""
            endpoints: [ "{{bad.Url}}", "{{good.Url}}" ]
            health: { passive: { failures: 3 } }
            """));
        await using var client = await gateway.ConnectAsync();
        int failed = 0;
        for (int each = 0; each < 40; each++)
        {
            if ((await AskAsync(gateway, client)).Status == 500) failed++;
        }
        // The loop that ejects may be another one than the client's: a pick or two may be quicker.
        Assert.InRange(failed, 3, 5);
        Assert.Equal(EndpointState.Ejected, StateOf(gateway, 0));
        Assert.Equal(1, gateway.Snapshot.Upstreams[0].Endpoints[0].Health.Ejections);
        Assert.Contains("is ejected for 30 s: 3 exchanges in a row failed", await ToldAsync(gateway));
    }

    [Theory]
    [EveryWire]
    public async Task EndpointThatHangs_IsEjected(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var hanging = new PeerService(gateway.Listen(), answer: null);
        await using var good = new PeerService(gateway.Listen(), PeerService.Response(200));
        await gateway.StartAsync(Config(
            $$"""
            endpoints: [ "{{hanging.Url}}", "{{good.Url}}" ]
            timeouts: { response: {{Soon(wire)}} }
            health: { passive: { failures: 2 } }
            """));
        await using var client = await gateway.ConnectAsync();
        int failed = 0;
        for (int each = 0; each < 12; each++)
        {
            if ((await AskAsync(gateway, client)).Status == 504) failed++;
        }
        Assert.InRange(failed, 2, 3);
        Assert.Equal(EndpointState.Ejected, StateOf(gateway, 0));
        Assert.Contains("is ejected for 30 s: 2 exchanges in a row failed", await ToldAsync(gateway));
    }

    /// <summary>Not in memory: its clock runs ahead of sockets, so checks would time out on a busy machine.</summary>
    [Theory]
    [SocketWire]
    public async Task EndpointKilledAndRestored_LosesNoRequest(Wire wire)
    {
        var first = FakeUpstream.Start();
        await using var second = FakeUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(wire, Config(
            $$"""
            endpoints: [ "{{first.Url}}", "{{second.Url}}" ]
            health: { active: { path: /healthz, interval: 200ms, timeout: 20s, healthyAfter: 1, unhealthyAfter: 2 } }
            """));
        await using var client = await gateway.ConnectAsync();
        await WaitAsync(gateway, () => StateOf(gateway, 0) == EndpointState.Healthy, "the first check");
        for (int each = 0; each < 10; each++) Assert.Equal(200, (await AskAsync(gateway, client)).Status);
        Assert.Equal(5, Exchanges(first));
        await first.DisposeAsync();
        for (int each = 0; each < 10; each++) Assert.Equal(200, (await AskAsync(gateway, client)).Status);
        await WaitAsync(gateway, () => !IsPicked(gateway, 0), "the failed checks");
        int before = Exchanges(second);
        for (int each = 0; each < 10; each++) Assert.Equal(200, (await AskAsync(gateway, client)).Status);
        Assert.Equal(10, Exchanges(second) - before);
        await using var restored = FakeUpstream.Start(first.Port);
        await WaitAsync(gateway, () => IsPicked(gateway, 0), "the good check");
        await WaitAsync(
            gateway, () => !gateway.Snapshot.Upstreams[0].Endpoints[0].IsAvoidedNow, "the refusal to be forgotten");
        for (int each = 0; each < 10; each++) Assert.Equal(200, (await AskAsync(gateway, client)).Status);
        Assert.Equal(5, Exchanges(restored));
        Assert.Contains("is unhealthy: the connect failed: refused", await ToldAsync(gateway));
    }

    [Theory]
    [EveryWire]
    public async Task FirstGroupThatFails_IsReplacedByTheSecondUntilItIsBack(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var main = new PeerService(gateway.Listen(), PeerService.Response(200, "main"));
        await using var spare = new PeerService(gateway.Listen(), PeerService.Response(200, "spare"));
        await gateway.StartAsync(Config(
            $$"""
            endpoints: [ { url: "{{main.Url}}" }, { url: "{{spare.Url}}", priority: 1 } ]
            health: { active: { path: /healthz, interval: 200ms, healthyAfter: 1, unhealthyAfter: 1 } }
            """));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 4; each++) Assert.Equal("main", (await AskAsync(gateway, client)).Text);
        main.Answer = PeerService.Response(503);
        await WaitAsync(gateway, () => !IsPicked(gateway, 0), "the failed check");
        for (int each = 0; each < 4; each++) Assert.Equal("spare", (await AskAsync(gateway, client)).Text);
        main.Answer = PeerService.Response(200, "main");
        await WaitAsync(gateway, () => IsPicked(gateway, 0), "the good check");
        for (int each = 0; each < 4; each++) Assert.Equal("main", (await AskAsync(gateway, client)).Text);
        Assert.Contains("is unhealthy: it answered with status 503", await ToldAsync(gateway));
    }

    [Theory]
    [EveryWire]
    public async Task Reload_KeepsWhatIsKnown(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var bad = new PeerService(gateway.Listen(), PeerService.Response(503));
        await using var good = new PeerService(gateway.Listen(), PeerService.Response(200));
        string yaml = Config(
            $$"""
            endpoints: [ "{{bad.Url}}", "{{good.Url}}" ]
            health: { active: { path: /healthz, interval: 1h } }
            """);
        await gateway.StartAsync(yaml);
        await WaitAsync(gateway, () => gateway.Snapshot.Upstreams[0].Health.IsKnown, "the first checks");
        await gateway.ReloadAsync(yaml.Replace("/x }", "/x, methods: [GET] }", StringComparison.Ordinal));
        Assert.True(gateway.Snapshot.Upstreams[0].Health.IsKnown);
        Assert.Equal(EndpointState.Unhealthy, StateOf(gateway, 0));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 4; each++) Assert.Equal(200, (await AskAsync(gateway, client)).Status);
        Assert.Equal(1, bad.Requests);
        Assert.Contains("is unhealthy: it answered with status 503", await ToldAsync(gateway));
    }

    [Theory]
    [EveryWire]
    public async Task ConsistentHash_KeepsAUserOnItsEndpoint(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var one = new PeerService(gateway.Listen(), PeerService.Response(200, "one"));
        await using var two = new PeerService(gateway.Listen(), PeerService.Response(200, "two"));
        await using var three = new PeerService(gateway.Listen(), PeerService.Response(200, "three"));
        await gateway.StartAsync(Config(
            $$"""
            endpoints: [ "{{one.Url}}", "{{two.Url}}", "{{three.Url}}" ]
            loadBalancing: { consistentHash: { key: "header:X-User" } }
            """));
        await using var client = await gateway.ConnectAsync();
        var seen = new HashSet<string>();
        for (int user = 0; user < 20; user++)
        {
            string request = $"GET /x HTTP/1.1\r\nHost: a\r\nX-User: user-{user}\r\n\r\n";
            string first = (await AskAsync(gateway, client, request)).Text;
            Assert.Equal(first, (await AskAsync(gateway, client, request)).Text);
            seen.Add(first);
        }
        Assert.Equal(3, seen.Count);
    }

    [Theory]
    [EveryWire]
    public async Task TooFewHealthy_IsPanicAndAllAreUsed(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var one = new PeerService(gateway.Listen(), PeerService.Response(404));
        await using var two = new PeerService(gateway.Listen(), PeerService.Response(404));
        await gateway.StartAsync(Config(
            $$"""
            endpoints: [ "{{one.Url}}", "{{two.Url}}" ]
            health: { active: { path: /healthz, interval: 1h } }
            """));
        var upstream = gateway.Snapshot.Upstreams[0];
        await WaitAsync(gateway, () => upstream.Set.IsPanic, "panic");
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 4; each++) Assert.Equal(404, (await AskAsync(gateway, client)).Status);
        // Two of the four requests each, and the check.
        Assert.Equal((3, 3), (one.Requests, two.Requests));
        Assert.Contains("health is ignored", await ToldAsync(gateway));
    }

    [Theory]
    [EveryWire]
    public async Task NobodyHealthyAndNoPanic_Is503(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var one = new PeerService(gateway.Listen(), PeerService.Response(500));
        await gateway.StartAsync(Config(
            $$"""
            endpoints: [ "{{one.Url}}" ]
            health: { active: { path: /healthz, interval: 1h }, panicThreshold: 0% }
            """));
        await WaitAsync(gateway, () => !IsPicked(gateway, 0), "the failed check");
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(503, (await AskAsync(gateway, client)).Status);
        Assert.Equal(1, one.Requests);
        Assert.Contains("is unhealthy: it answered with status 500", await ToldAsync(gateway));
    }

    private static string Config(string upstream) =>
        $$"""
        upstreams:
          up:
            {{upstream.Replace("\n", "\n    ", StringComparison.Ordinal)}}
        routes: [ { match: { path: /x }, to: { upstream: up } } ]
        """;

    private static EndpointState StateOf(TestGateway gateway, int endpoint)
    {
        Upstream upstream = gateway.Snapshot.Upstreams[0];
        return upstream.Health.StateNow(upstream.Endpoints[endpoint]);
    }

    /// <summary>What a verdict leads to: until then picks are made from the set before it.</summary>
    private static bool IsPicked(TestGateway gateway, int endpoint) =>
        gateway.Snapshot.Upstreams[0].Set.Weights[endpoint] > 0;

    private static int Exchanges(FakeUpstream upstream) => upstream.Requests.Count(each => each.Target == "/x");

    /// <summary>What the gateway logged about health, which is watched no more from now on.</summary>
    private static async Task<string> ToldAsync(TestGateway gateway)
    {
        gateway.Snapshot.Stop();
        // Once every loop has had a turn, the checks have ended.
        await gateway.SlabsAsync();
        return string.Join('\n', gateway.TakeLogged());
    }

    private static async Task<RawResponse> AskAsync(TestGateway gateway, RawPeer client, string request = Get)
    {
        await client.SendAsync(request);
        var response = client.ReadResponseAsync();
        await WaitAsync(gateway, () => response.IsCompleted, "a response");
        return await response;
    }

    /// <summary>Lets time pass, the test's or the machine's.</summary>
    private static Task WaitAsync(TestGateway gateway, Func<bool> condition, string what) =>
        gateway is MemoryGateway memory
            ? memory.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), condition, what)
            : Eventually.HoldsAsync(condition, what);
}
