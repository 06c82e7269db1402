using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>Tunnels that the gateway ends: by drain, by limits; and reloads, which end none.</summary>
public sealed class TunnelEndTests
{
    private const int GoingAway = 1001;
    private const uint Mask = 0x0A0B0C0D;

    [Theory]
    [EveryWire]
    public async Task Drain_SaysGoodbyeToBothEndsAndWaitsForTheirs(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.AssertEchoAsync();
        var drained = gateway.DrainAsync();
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Client));
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Upstream));
        Assert.False(drained.IsCompleted);
        // What an end still says is for nobody; its Close is what the gateway waits for.
        await pair.Client.SendAsync(TunnelPair.MaskedText("late"));
        await pair.Upstream.SendAsync(TunnelPair.Text("late"));
        await pair.Client.SendAsync(TunnelPair.Close(GoingAway, Mask));
        await pair.Upstream.SendAsync(TunnelPair.Close(GoingAway));
        Assert.Equal("", await pair.Client.ReadToEndAsync());
        Assert.False(pair.Client.WasReset);
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        await drained.WaitAsync(Eventually.Patience);
        Assert.Equal(0, gateway.Open);
    }

    [Theory]
    [EveryWire]
    public async Task DrainInsideAFrame_WaitsForTheFramesEnd(Wire wire)
    {
        byte[] up = TunnelPair.Frame(1, new byte[40], Mask);
        byte[] down = TunnelPair.Frame(1, new byte[40]);
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.Client.SendAsync(up.AsMemory(0, 3));
        await pair.Upstream.SendAsync(down.AsMemory(0, 20));
        await pair.Upstream.ReadExactlyAsync(3);
        await pair.Client.ReadExactlyAsync(20);
        var drained = gateway.DrainAsync();
        await Eventually.HoldsAsync(() => gateway.Connections.IsDraining, "the drain");
        await pair.Client.SendAsync((byte[])[.. up.AsSpan(3), .. TunnelPair.MaskedText("dropped")]);
        await pair.Upstream.SendAsync((byte[])[.. down.AsSpan(20), .. TunnelPair.Text("dropped")]);
        Assert.Equal(up[3..], await pair.Upstream.ReadExactlyAsync(up.Length - 3));
        Assert.Equal(down[20..], await pair.Client.ReadExactlyAsync(20 + 2));
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Upstream));
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Client));
        await pair.Client.SendAsync(TunnelPair.Close(GoingAway, Mask));
        await pair.Upstream.SendAsync(TunnelPair.Close(GoingAway));
        Assert.Equal("", await pair.Client.ReadToEndAsync());
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        await drained.WaitAsync(Eventually.Patience);
    }

    [Theory]
    [EveryWire]
    public async Task DrainAfterTheEndsBeganToClose_AddsNothing(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        byte[] close = TunnelPair.Close(1000, Mask);
        await pair.Client.SendAsync(close);
        Assert.Equal(close, await pair.Upstream.ReadExactlyAsync(close.Length));
        var drained = gateway.DrainAsync();
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Client));
        await pair.Upstream.SendAsync(TunnelPair.Close(1000));
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        Assert.Equal("", await pair.Client.ReadToEndAsync());
        await drained.WaitAsync(Eventually.Patience);
    }

    [Theory]
    [SocketWire]
    public async Task EndsThatDoNotAnswer_AreResetWhenTheDrainsTimeIsUp(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { drainTimeout: 300ms }"));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await gateway.DrainAsync().WaitAsync(Eventually.Patience);
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Client));
        await pair.Client.ReadToEndAsync();
        await pair.Upstream.ReadToEndAsync();
        Assert.Equal(0, gateway.Open);
    }

    [Theory]
    [EveryWire]
    public async Task HandshakeInADrain_IsRefused(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        var client = await gateway.ConnectAsync();
        await Eventually.HoldsAsync(() => gateway.Open == 1, "the connection");
        var drained = gateway.DrainAsync();
        await Eventually.HoldsAsync(() => gateway.Connections.IsDraining, "the drain");
        await client.SendAsync(TunnelPair.Request());
        var answer = await client.ReadResponseAsync();
        Assert.Equal(503, answer.Status);
        Assert.True(answer.Closes);
        await drained;
    }

    [Theory]
    [EveryWire]
    public async Task OtherProtocolInADrain_IsClosed(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(OtherProtocol(listener.Url));
        await using var pair = await OpenOtherAsync(gateway, listener);
        var drained = gateway.DrainAsync();
        Assert.Equal("", await pair.Client.ReadToEndAsync());
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        await drained.WaitAsync(Eventually.Patience);
    }

    [LinuxTheory]
    [InlineData(Wire.Epoll)]
    [InlineData(Wire.Memory)]
    public async Task OtherProtocol_MayHalfClose(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(OtherProtocol(listener.Url));
        await using (var pair = await OpenOtherAsync(gateway, listener))
        {
            await pair.Client.SendAsync("all I have");
            await pair.Client.HalfCloseAsync();
            Assert.Equal("all I have", await pair.Upstream.ReadToEndAsync());
            await pair.Upstream.SendAsync("thanks");
            Assert.Equal("thanks", await pair.Client.ReadUntilAsync("thanks"));
            await pair.Upstream.HalfCloseAsync();
            Assert.Equal("", await pair.Client.ReadToEndAsync());
        }
        await using (var pair = await OpenOtherAsync(gateway, listener))
        {
            await pair.Upstream.SendAsync("that is it");
            await pair.Upstream.HalfCloseAsync();
            Assert.Equal("that is it", await pair.Client.ReadToEndAsync());
            await pair.Client.SendAsync("thanks");
            Assert.Equal("thanks", await pair.Upstream.ReadUntilAsync("thanks"));
            await pair.Client.HalfCloseAsync();
            Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task Silence_EndsWithAClose()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { tunnelIdleTimeout: 10s }"));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        for (int each = 0; each < 3; each++)
        {
            await gateway.AdvanceAsync(TimeSpan.FromSeconds(9));
            await pair.AssertEchoAsync();
        }
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(10.1));
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Client));
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Upstream));
        // Nobody answers: the ends have their time, and no more.
        var ended = pair.Client.ReadToEndAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(4.9));
        Assert.False(ended.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        await ended;
        Assert.Equal(1, CountsOf(gateway, "all").EndedBy(TunnelEnd.Idle));
    }

    [Fact]
    public async Task Lifetime_EndsABusyTunnel()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync($$"""
            upstreams: { up: { endpoints: [ "{{listener.Url}}" ] } }
            routes: [ { id: all, match: { path: "/{path+}" }, tunnels: { lifetime: 10s }, to: { upstream: up } } ]
            """);
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(9));
        await pair.AssertEchoAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Client));
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(pair.Upstream));
        await pair.Client.SendAsync(TunnelPair.Close(GoingAway, Mask));
        await pair.Upstream.HalfCloseAsync();
        Assert.Equal("", await pair.Client.ReadToEndAsync());
        Assert.Equal(1, CountsOf(gateway, "all").EndedBy(TunnelEnd.Lifetime));
    }

    [Fact]
    public async Task TimeoutsOfExchanges_DoNotEndTunnels()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync($$"""
            limits: { idleTimeout: 1s, headTimeout: 1s, halfCloseGrace: 0s }
            upstreams: { up: { endpoints: [ "{{listener.Url}}" ], timeouts: { response: 1s, idle: 1s } } }
            routes: [ { match: { path: "/{path+}" }, timeout: 2s, to: { upstream: up } } ]
            """);
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await gateway.AdvanceAsync(TimeSpan.FromMinutes(10));
        await pair.AssertEchoAsync();
    }

    [Theory]
    [EveryWire]
    public async Task TunnelOverTheRoutesLimit_Is503(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { tunnelsPerRoute: 1 }"));
        var first = await TunnelPair.OpenAsync(gateway, listener);
        Assert.Equal(503, (await gateway.AskAsync(TunnelPair.Request())).Status);
        await first.CloseAsync();
        await first.DisposeAsync();
        await Eventually.HoldsAsync(() => CountsOf(gateway, "all").Open == 0, "no tunnel open");
        await using var second = await TunnelPair.OpenAsync(gateway, listener);
        await second.AssertEchoAsync();
        Assert.Equal(1, CountsOf(gateway, "all").Refused);
    }

    [Theory]
    [EveryWire]
    public async Task Reload_KeepsTunnelsWhoseRouteAndUpstreamAreGone(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        for (int reload = 0; reload < 3; reload++)
        {
            await gateway.ReloadAsync("routes: [ { match: { path: /other }, to: { mock: { body: other } } } ]");
            await pair.AssertEchoAsync();
        }
        Assert.Equal(404, (await gateway.AskAsync(TunnelPair.Request())).Status);
        await pair.AssertEchoAsync();
        await pair.CloseAsync();
    }

    [Theory]
    [EveryWire]
    public async Task Bytes_AreCountedInMetricsOfTheRoute(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.AssertEchoAsync("12345");
        var counts = CountsOf(gateway, "all");
        Assert.Equal(1, counts.Open);
        Assert.Equal(TunnelPair.MaskedText("12345").Length, counts.BytesReceived);
        Assert.Equal(TunnelPair.Text("12345").Length, counts.BytesSent);
        await pair.CloseAsync();
        await pair.DisposeAsync();
        await Eventually.HoldsAsync(() => counts.Open == 0, "no tunnel open");
        Assert.Equal(1, counts.EndedBy(TunnelEnd.ClientClosed));
    }

    private static string OtherProtocol(string url) =>
        $$"""
        upstreams: { up: { endpoints: [ "{{url}}" ] } }
        routes: [ { match: { path: "/{path+}" }, upgrades: [tcp], to: { upstream: up } } ]
        """;

    private static async Task<TunnelPair> OpenOtherAsync(TestGateway gateway, PeerListener listener)
    {
        var pair = await TunnelPair.AskAsync(
            gateway, listener,
            "POST /attach HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n");
        await pair.Upstream.SendAsync("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        Assert.Equal("tcp", new RawResponse(await pair.Client.ReadHeadAsync(), []).Field("Upgrade"));
        return pair;
    }

    private static TunnelCounts CountsOf(TestGateway gateway, string route) =>
        gateway.Snapshot.RouteList.Single(each => each.Id == route).Upgrades!.Registry.Of(route);
}
