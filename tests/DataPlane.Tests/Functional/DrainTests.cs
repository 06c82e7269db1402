using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>The way down: nothing that was begun is lost, nothing new begins.</summary>
public sealed class DrainTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string GetMock = "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task Drain_ClosesWhatIsIdleAndFinishesWhatIsNot(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var idle = await gateway.ConnectAsync();
        await idle.SendAsync(GetMock);
        Assert.False((await idle.ReadResponseAsync()).Closes);
        await using var busy = await gateway.ConnectAsync();
        await busy.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var drained = gateway.DrainAsync();
        Assert.Equal("", await idle.ReadToEndAsync());
        Assert.False(idle.WasReset);
        Assert.False(drained.IsCompleted);
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        var response = await busy.ReadResponseAsync();
        Assert.Equal("ok", response.Text);
        Assert.True(response.Closes);
        Assert.Equal("", await busy.ReadToEndAsync());
        await drained;
        Assert.Equal(0, gateway.Open);
    }

    [Theory]
    [EveryWire]
    public async Task ResponseBegunBeforeTheDrain_EndsTheConnectionWhenItEnds(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { drainTimeout: 5m, idleTimeout: 10m }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
        Assert.EndsWith("\r\n\r\nha", await client.ReadUntilAsync("ha"));
        var drained = gateway.DrainAsync();
        await using var idle = upstream;
        await upstream.SendAsync("lf");
        Assert.Equal("lf", await client.ReadToEndAsync());
        Assert.False(client.WasReset);
        await drained.WaitAsync(Eventually.Patience);
    }

    [Theory]
    [SocketWire]
    public async Task ExchangeLongerThanTheDrain_IsBrokenOff(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { drainTimeout: 200ms }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await gateway.DrainAsync().WaitAsync(Eventually.Patience);
        await client.ReadToEndAsync();
        await upstream.ReadToEndAsync();
        Assert.Equal(0, gateway.Open);
    }

    [Theory]
    [SocketWire]
    public async Task RequestsInFlight_AreAllAnsweredThroughADrain(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = Tools.Upstreams.FakeUpstream.Start(records: false);
        await gateway.StartAsync(TestGateway.ProxyTo(upstream.Url));
        var clients = new List<RawPeer>();
        for (int each = 0; each < 20; each++) clients.Add(await gateway.ConnectAsync());
        foreach (var client in clients) await client.SendAsync("GET /delay/1000 HTTP/1.1\r\nHost: a\r\n\r\n");
        await upstream.WaitUntilAsync(each => each.RequestCount == 20, Eventually.Patience);
        var drained = gateway.DrainAsync();
        foreach (var client in clients)
        {
            var response = await client.ReadResponseAsync();
            Assert.Equal("late\n", response.Text);
            Assert.True(response.Closes);
        }
        await drained;
    }

    [Fact]
    public async Task SilentNewConnection_HoldsTheDrainForARoundTripOnly()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        await using var before = await gateway.ConnectAsync();
        await gateway.SettleAsync();
        var drained = gateway.Connections.DrainAsync(TimeSpan.FromSeconds(30), gateway.Time);
        await gateway.SettleAsync();
        await using var after = await gateway.ConnectAsync();
        await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(500));
        Assert.Equal(2, gateway.Open);
        await gateway.AdvanceAsync(TimeSpan.FromMilliseconds(600));
        Assert.Equal("", await before.ReadToEndAsync());
        Assert.Equal("", await after.ReadToEndAsync());
        await gateway.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(20), () => drained.IsCompleted, "the drain's end");
    }

    [Theory]
    [EveryWire]
    public async Task FirstRequestOfANewConnection_IsAnsweredInADrain(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        await using var client = await gateway.ConnectAsync();
        await Eventually.HoldsAsync(() => gateway.Open == 1, "the connection");
        var drained = gateway.DrainAsync();
        await client.SendAsync(GetMock);
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.False(client.WasReset);
        await drained;
    }

    [Fact]
    public async Task RequestOnItsWayToAnIdleConnection_IsAnsweredInADrain()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(GetMock);
        Assert.False((await client.ReadResponseAsync()).Closes);
        var drained = gateway.Connections.DrainAsync(TimeSpan.FromSeconds(30), gateway.Time);
        await gateway.SettleAsync();
        await AssertLastAnswerAsync(client);
        await gateway.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(20), () => drained.IsCompleted, "the drain's end");
    }

    [Fact]
    public async Task RequestAfterAResponseBegunBeforeTheDrain_IsAnswered()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
        Assert.DoesNotContain("close", await client.ReadUntilAsync("ha"), StringComparison.OrdinalIgnoreCase);
        var drained = gateway.Connections.DrainAsync(TimeSpan.FromSeconds(30), gateway.Time);
        await gateway.SettleAsync();
        await upstream.SendAsync("lf");
        Assert.Equal("lf"u8.ToArray(), await client.ReadExactlyAsync(2));
        await AssertLastAnswerAsync(client);
        await gateway.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(20), () => drained.IsCompleted, "the drain's end");
    }

    private static async Task AssertLastAnswerAsync(RawPeer client)
    {
        await client.SendAsync(GetMock);
        Assert.True((await client.ReadResponseAsync()).Closes);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.False(client.WasReset);
    }
}
