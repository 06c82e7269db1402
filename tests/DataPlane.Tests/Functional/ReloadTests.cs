using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>Another configuration for a gateway that serves: nothing is lost, what stayed stays.</summary>
public sealed class ReloadTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task HundredReloads_UnderSteadyTraffic_LoseNothing(Wire wire)
    {
        const int clients = 8;
        await using var gateway = TestGateway.Create(wire);
        await using var one = FakeUpstream.Start(records: false);
        await using var other = FakeUpstream.Start(records: false);
        await gateway.StartAsync(TestGateway.ProxyTo(one.Url));
        int answered = 0;
        bool isOver = false;
        var traffic = Enumerable.Range(0, clients).Select(async _ =>
        {
            await using var client = await gateway.ConnectAsync();
            while (!Volatile.Read(ref isOver))
            {
                await client.SendAsync(Get);
                var response = await client.ReadResponseAsync();
                Assert.Equal(200, response.Status);
                Assert.False(response.Closes);
                Interlocked.Increment(ref answered);
            }
        }).ToArray();
        for (int reload = 0; reload < 100; reload++)
        {
            int before = Volatile.Read(ref answered);
            await gateway.ReloadAsync(TestGateway.ProxyTo(reload % 2 == 0 ? other.Url : one.Url));
            await Eventually.HoldsAsync(() => Volatile.Read(ref answered) > before, "an answer after the reload");
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(traffic).WaitAsync(Eventually.Patience);
        Assert.Equal(101, gateway.Snapshot.Generation);
        Assert.Equal(answered, one.RequestCount + other.RequestCount);
        Assert.True(one.RequestCount > 50 && other.RequestCount > 50);
    }

    [Theory]
    [EveryWire]
    public async Task EndpointThatStays_KeepsItsConnection(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await AnswerAsync(upstream);
        await client.ReadResponseAsync();
        await gateway.ReloadAsync(TestGateway.ProxyTo(listener.Url, "limits: { idleTimeout: 5m }"));
        await client.SendAsync(Get);
        await AnswerAsync(upstream);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal(1, listener.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task EndpointThatLeft_IsClosedWhenItsExchangeHasEnded(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var left = gateway.Listen();
        var stays = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(left.Url));
        await using var idleClient = await gateway.ConnectAsync();
        await using var client = await gateway.ConnectAsync();
        await idleClient.SendAsync(Get);
        await using var idle = await left.AcceptAsync();
        await client.SendAsync(Get);
        await using var busy = await left.AcceptAsync();
        await busy.ReadHeadAsync();
        await AnswerAsync(idle);
        await idleClient.ReadResponseAsync();
        var endpoint = gateway.Snapshot.Upstreams[0].Endpoints[0];
        await gateway.ReloadAsync(TestGateway.ProxyTo(stays.Url));
        Assert.Equal("", await idle.ReadToEndAsync());
        await busy.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal("", await busy.ReadToEndAsync());
        await Eventually.HoldsAsync(() => endpoint.Connections == 0, "no connection to the endpoint that left");
    }

    [Theory]
    [EveryWire]
    public async Task EndpointThatComesBack_KeepsConnectionsAgain(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await gateway.ReloadAsync("routes: []");
        await gateway.ReloadAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await AnswerAsync(upstream);
        await client.ReadResponseAsync();
        await client.SendAsync(Get);
        await AnswerAsync(upstream);
        await client.ReadResponseAsync();
        Assert.Equal(1, listener.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task OpenConnection_FollowsTheNewLimitsAndTrust(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        const string forwarded = "GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";
        await client.SendAsync(forwarded);
        await using var upstream = await listener.AcceptAsync();
        Assert.DoesNotContain("192.0.2.1", await AnswerAsync(upstream));
        await client.ReadResponseAsync();
        await gateway.ReloadAsync(TestGateway.ProxyTo(
            listener.Url, "forwarding: { trustedProxies: [127.0.0.1] }\nlimits: { requestHeaderCount: 2 }"));
        await client.SendAsync(forwarded);
        Assert.Contains("192.0.2.1", await AnswerAsync(upstream));
        await client.ReadResponseAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n");
        Assert.Equal(431, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [EveryWire]
    public async Task WarmUpstreamConnection_FollowsTheNewTimeouts(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await gateway.ReloadAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await AnswerAsync(upstream);
        await client.ReadResponseAsync();
        await gateway.ReloadAsync(
            $$"""
            upstreams: { up: { endpoints: [ "{{listener.Url}}" ], timeouts: { response: 50ms } } }
            routes: [ { match: { path: "/{path+}" }, to: { upstream: up } } ]
            """);
        await client.SendAsync(Get);
        await upstream.ReadHeadAsync();
        if (gateway is MemoryGateway memory) await memory.AdvanceAsync(TimeSpan.FromMilliseconds(200));
        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [EveryWire]
    public async Task ExchangeUnderWay_KeepsItsConfiguration(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await gateway.ReloadAsync("routes: []");
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        await client.SendAsync(Get);
        Assert.Equal(404, (await client.ReadResponseAsync()).Status);
    }

    private static async Task<string> AnswerAsync(RawPeer upstream)
    {
        string head = await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        return head;
    }
}
