using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>Which connection to which endpoint carries a request, and what happens when it fails.</summary>
public sealed class UpstreamConnectionTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [EveryWire("GET", "")]
    [EveryWire("HEAD", "")]
    [EveryWire("PUT", "Content-Length: 0\r\n")]
    public async Task ReusedConnectionThatDies_IsReplacedUnseen(Wire wire, string method, string fields)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await using var first = await WarmUpAsync(client, listener);
        await client.SendAsync($"{method} /x HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        await first.ReadHeadAsync();
        await first.ResetAsync();
        await using var second = await listener.AcceptAsync();
        Assert.StartsWith($"{method} /x ", await second.ReadHeadAsync());
        await second.SendAsync(Ok);
        Assert.Equal(200, (await client.ReadResponseAsync(toHead: method == "HEAD")).Status);
    }

    [Theory]
    [EveryWire("POST", "Content-Length: 0\r\n\r\n")]
    [EveryWire("POST", "Content-Length: 2\r\n\r\nab")]
    [EveryWire("PATCH", "\r\n")]
    public async Task UnsafeRequestOnAConnectionThatDies_IsNotRepeated(Wire wire, string method, string rest)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await using var first = await WarmUpAsync(client, listener);
        await client.SendAsync($"{method} /x HTTP/1.1\r\nHost: a\r\n{rest}");
        await first.ReadRequestAsync();
        await first.ResetAsync();
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        Assert.Equal(1, listener.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task NewConnectionThatDies_IsNotReplaced(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var first = await listener.AcceptAsync();
        await first.ReadHeadAsync();
        await first.ResetAsync();
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        Assert.Equal(1, listener.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task ReplacementThatDiesToo_Is502(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await using var first = await WarmUpAsync(client, listener);
        await client.SendAsync(Get);
        await first.ReadHeadAsync();
        await first.ResetAsync();
        await using var second = await listener.AcceptAsync();
        await second.ReadHeadAsync();
        await second.ResetAsync();
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        Assert.Equal(2, listener.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task ConnectionThatDiesInsideItsAnswer_IsNotReplaced(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await using var first = await WarmUpAsync(client, listener);
        await client.SendAsync(Get);
        await first.ReadHeadAsync();
        await first.SendAsync("HTTP/1.1 200 O");
        await first.DisposeAsync();
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        Assert.Equal(1, listener.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task BytesNobodyAskedFor_NeverReachAClient(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        // Behind the response, in the same bytes.
        await client.SendAsync(Get);
        await using var first = await listener.AcceptAsync();
        await first.ReadHeadAsync();
        await first.SendAsync(Ok + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        await first.ReadToEndAsync();
        // Later, while the connection is idle.
        await using var second = await WarmUpAsync(client, listener);
        await second.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        await Eventually.HoldsAsync(
            async () =>
            {
                // Once the bytes have come over, the connection is not used again: until then a request is.
                await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
                await client.ReadResponseAsync();
                return true;
            },
            "a turn of the loop");
        if (gateway is MemoryGateway memory) await memory.SettleAsync();
        await client.SendAsync(Get);
        await using var third = await listener.AcceptAsync();
        await third.ReadHeadAsync();
        await third.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task IdleConnectionTheUpstreamCloses_IsForgotten(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await using var first = await WarmUpAsync(client, listener);
        var endpoint = gateway.Snapshot.Upstreams[0].Endpoints[0];
        Assert.Equal(1, endpoint.Connections);
        await first.DisposeAsync();
        await Eventually.HoldsAsync(() => endpoint.Connections == 0, "the closed connection is dropped");
        Assert.Equal(0, endpoint.Idle);
    }

    [Theory]
    [EveryWire("Connection: close")]
    [EveryWire("Content-Length: 2")]
    public async Task ConnectionThatMayNotBeUsedAgain_IsClosed(Wire wire, string field)
    {
        string answer = field.StartsWith("Connection", StringComparison.Ordinal)
            ? $"HTTP/1.1 200 OK\r\n{field}\r\nContent-Length: 2\r\n\r\nok"
            : $"HTTP/1.0 200 OK\r\n{field}\r\n\r\nok";
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var first = await listener.AcceptAsync();
        await first.ReadHeadAsync();
        await first.SendAsync(answer);
        var response = await client.ReadResponseAsync();
        Assert.Equal("ok", response.Text);
        Assert.False(response.Closes);
        await first.ReadToEndAsync();
        await using var second = await WarmUpAsync(client, listener);
        Assert.Equal(2, listener.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task EndpointThatRefuses_IsSkipped(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "http://127.0.0.1:1" }, { url: "{{upstream.Url}}" } ] } }
            routes: [ { match: { path: /x }, to: { upstream: up } } ]
            """);
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 6; each++)
        {
            await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(6, upstream.RequestCount);
        Assert.True(gateway.Snapshot.Upstreams[0].Endpoints[0].IsAvoidedNow);
    }

    [Theory]
    [EveryWire]
    public async Task AllEndpointsDown_Are503(Wire wire)
    {
        await using var gateway = await TestGateway.StartAsync(
            wire,
            """
            upstreams: { up: { endpoints: [ { url: "http://127.0.0.1:1" }, { url: "http+unix:///nowhere/x.sock" } ] } }
            routes: [ { match: { path: /x }, to: { upstream: up } } ]
            """);
        var response = await gateway.AskAsync(Get);
        Assert.Equal(503, response.Status);
        Assert.Equal("1", response.Field("Retry-After"));
    }

    [Theory]
    [EveryWire]
    public async Task AllConnectionsInUse_Are503(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{listener.Url}}" } ], connections: { max: 1, pending: 0 } } }
            routes: [ { match: { path: /x }, to: { upstream: up } } ]
            """);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var first = await listener.AcceptAsync();
        await first.ReadHeadAsync();
        var refused = await gateway.AskAsync(Get);
        Assert.Equal(503, refused.Status);
        Assert.Contains("All connections", refused.Text);
        await first.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task Weights_ShareTheRequests(Wire wire)
    {
        await using var heavy = FakeUpstream.Start();
        await using var light = FakeUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{heavy.Url}}", weight: 3 }, { url: "{{light.Url}}" } ] } }
            routes: [ { match: { path: /x }, to: { upstream: up } } ]
            """);
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 40; each++)
        {
            await client.SendAsync(Get);
            await client.ReadResponseAsync();
        }
        Assert.Equal(30, heavy.RequestCount);
        Assert.Equal(10, light.RequestCount);
    }

    [Theory]
    [SocketWire("[127.0.0.1]", "unix:")]
    [SocketWire("[127.0.0.1, \"unix:\"]", "203.0.113.9, unix:")]
    public async Task UnixSockets_CarryBothSides(Wire wire, string trusted, string forwarded)
    {
        string folder = Directory.CreateTempSubdirectory("dataplane-").FullName;
        try
        {
            await using var upstream = FakeUpstream.StartUnix(Path.Combine(folder, "up.sock"));
            await using var gateway = new HostedGateway(wire) { UnixPath = Path.Combine(folder, "gateway.sock") };
            await gateway.StartAsync(
                TestGateway.ProxyTo(upstream.Url, $"forwarding: {{ trustedProxies: {trusted} }}"));
            var response = await gateway.AskAsync(
                "GET /bytes/50000 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
            Assert.Equal(50_000, response.Body.Length);
            var received = Assert.Single(upstream.Requests);
            Assert.Equal(forwarded, received.Header("X-Forwarded-For"));
            Assert.Equal("a", received.Header("Host"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One exchange, after which the connection is idle in the pool.</summary>
    private static async Task<RawPeer> WarmUpAsync(RawPeer client, PeerListener listener)
    {
        await client.SendAsync("GET /warm HTTP/1.1\r\nHost: a\r\n\r\n");
        var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        return upstream;
    }
}
