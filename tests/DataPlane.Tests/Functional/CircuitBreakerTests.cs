using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>An upstream that keeps failing is left alone, and taken back when it is well.</summary>
public sealed class CircuitBreakerTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task OpenCircuit_AnswersWithTheFallback(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await TestGateway.StartAsync(wire, With(
            upstream.Url, """minimum: 4, open: 1h, fallback: { status: 200, body: '{"items":[]}' }"""));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 4; each++) Assert.Equal(500, (await AskAsync(client)).Status);
        var fallback = await AskAsync(client);
        Assert.Equal(200, fallback.Status);
        Assert.Equal("""{"items":[]}""", fallback.Text);
        Assert.Equal("application/json", fallback.Field("Content-Type"));
        Assert.False(fallback.Closes);
        Assert.Equal(4, upstream.RequestCount);
        Assert.Equal(1, gateway.Snapshot.Upstreams[0].Gate!.Refused);
        Assert.Equal(0, gateway.Snapshot.Upstreams[0].Gate!.UnderWay);
    }

    [Theory]
    [EveryWire]
    public async Task DeadUpstream_OpensTheCircuit(Wire wire)
    {
        await using var gateway = await TestGateway.StartAsync(
            wire, With("http://127.0.0.1:1", "minimum: 3, open: 7s"));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 3; each++)
            Assert.Contains("refused the connection", (await AskAsync(client)).Text);
        var refused = await AskAsync(client);
        Assert.Equal(503, refused.Status);
        Assert.Contains("left alone", refused.Text);
        Assert.Equal("7", refused.Field("Retry-After"));
    }

    [Fact]
    public async Task UpstreamThatIsWellAgain_ClosesTheCircuit()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(With(listener.Url, "minimum: 4, open: 10s"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        for (int each = 0; each < 4; each++)
        {
            if (each > 0) await client.SendAsync(Get);
            await AnswerAsync(upstream, 500);
            Assert.Equal(500, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(503, (await AskAsync(client)).Status);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(10.1));
        for (int each = 0; each < CircuitBreaker.Probes; each++)
        {
            Assert.Equal(each == 0 ? BreakerState.Open : BreakerState.HalfOpen, StateOf(gateway));
            await client.SendAsync(Get);
            await AnswerAsync(upstream, 200);
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(BreakerState.Closed, StateOf(gateway));
    }

    [Theory]
    [EveryWire]
    public async Task ClientsFaults_DoNotOpenTheCircuit(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await TestGateway.StartAsync(wire, With(upstream.Url, "minimum: 2, open: 1h"));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 6; each++) Assert.Equal(404, (await AskAsync(client)).Status);
        Assert.Equal(BreakerState.Closed, StateOf(gateway));
    }

    [Theory]
    [EveryWire]
    public async Task MoreThanMaxRequests_AreRefused(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(
            $$"""
            upstreams: { up: { endpoints: [ "{{listener.Url}}" ], maxRequests: 1 } }
            routes: [ { match: { path: /x }, to: { upstream: up } } ]
            """);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var refused = await gateway.AskAsync(Get);
        Assert.Equal(503, refused.Status);
        Assert.Equal("1", refused.Field("Retry-After"));
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal(0, gateway.Snapshot.Upstreams[0].Gate!.UnderWay);
    }

    private static BreakerState StateOf(TestGateway gateway) => gateway.Snapshot.Upstreams[0].Gate!.Breaker!.State;

    private static async Task<RawResponse> AskAsync(RawPeer client)
    {
        await client.SendAsync(Get);
        return await client.ReadResponseAsync();
    }

    private static async Task AnswerAsync(RawPeer upstream, int status)
    {
        await upstream.ReadHeadAsync();
        await upstream.SendAsync($"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n");
    }

    private static string With(string url, string breaker) =>
        $$"""
        upstreams: { up: { endpoints: [ "{{url}}" ], circuitBreaker: { {{breaker}} } } }
        routes: [ { match: { path: /x }, to: { upstream: up } } ]
        """;
}
