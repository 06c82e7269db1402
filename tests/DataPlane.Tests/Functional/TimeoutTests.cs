using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>Every time limit, on a clock of the test's own: not before, and soon after.</summary>
public sealed class TimeoutTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task SlowHead_IsAnsweredBy408()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1", "limits: { headTimeout: 10s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HT");
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(6));
        await client.SendAsync("TP/1.1\r\n");
        var reply = client.ReadResponseAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(3.9));
        Assert.False(reply.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal(408, (await reply).Status);
        Assert.True((await reply).Closes);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task ConnectionThatNeverSpeaks_IsClosedAfterTheHeadTimeout()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1", "limits: { headTimeout: 10s }"));
        await using var client = await gateway.ConnectAsync();
        var ended = client.ReadToEndAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(9.9));
        Assert.False(ended.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal("", await ended);
        Assert.False(client.WasReset);
    }

    [Fact]
    public async Task IdleConnection_IsClosedAfterTheIdleTimeout()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1", "limits: { idleTimeout: 60s }"));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 3; each++)
        {
            await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
            await gateway.AdvanceAsync(TimeSpan.FromSeconds(59));
        }
        var ended = client.ReadToEndAsync();
        Assert.False(ended.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        Assert.Equal("", await ended);
    }

    [Fact]
    public async Task BodySlowerThanTheMinimumRate_IsAnsweredBy408()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(
            listener.Url, "limits: { bodyMinimumRate: 100/s, bodyRateGrace: 5s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var reply = client.ReadResponseAsync();
        // 100 bytes a second are just enough, for as long as it takes.
        for (int second = 0; second < 20; second++)
        {
            await gateway.AdvanceAsync(TimeSpan.FromSeconds(1));
            await client.SendAsync(new string('x', 100));
            await upstream.ReadExactlyAsync(100);
            Assert.False(reply.IsCompleted);
        }
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(4.5));
        Assert.False(reply.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(408, (await reply).Status);
        await upstream.ReadToEndAsync();
    }

    [Fact]
    public async Task UpstreamThatDoesNotAnswer_Is504()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(ProxyWith(listener.Url, "timeouts: { response: 30s, idle: 60s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var reply = client.ReadResponseAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(29.9));
        Assert.False(reply.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal(504, (await reply).Status);
        Assert.False((await reply).Closes);
        await upstream.ReadToEndAsync();
        await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task UpstreamThatDoesNotAnswerABody_Is504OnAKeptConnectionToo()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(ProxyWith(listener.Url, "timeouts: { response: 30s, idle: 60s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        // In two pieces: the relay of the first response takes its long way.
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
        await client.ReadUntilAsync("ha");
        await upstream.SendAsync("lf");
        await client.ReadUntilAsync("lf");
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
        await upstream.ReadUntilAsync("ab");
        var reply = client.ReadResponseAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(29.9));
        Assert.False(reply.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal(504, (await reply).Status);
    }

    [Fact]
    public async Task UpstreamThatStopsInsideItsBody_BreaksTheClientOff()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(ProxyWith(listener.Url, "timeouts: { response: 30s, idle: 60s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        await client.ReadUntilAsync("half");
        var ended = client.ReadToEndAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(59.9));
        Assert.False(ended.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal("", await ended);
        Assert.True(client.WasReset);
        await upstream.ReadToEndAsync();
    }

    [Fact]
    public async Task ClientThatTakesItsTime_DoesNotUseUpTheUpstreams()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(ProxyWith(listener.Url, "timeouts: { idle: 2s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        const int pieces = 40;
        byte[] piece = new byte[2048];
        await upstream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {pieces * piece.Length}\r\n\r\n");
        // Small and one by one: each is passed on before the next is asked for, until the client's pipe is full.
        for (int each = 0; each < pieces; each++)
        {
            await upstream.SendAsync(piece);
            await gateway.SettleAsync();
        }
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(5));
        await client.ReadHeadAsync();
        Assert.Equal(pieces * piece.Length, (await client.ReadExactlyAsync(pieces * piece.Length)).Length);
    }

    [Fact]
    public async Task UploadThatEndsBehindAStartedResponse_LeavesTheResponseItsIdleTime()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(ProxyWith(listener.Url, "timeouts: { response: 2s, idle: 60s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadUntilAsync("ab");
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nAB");
        await client.ReadUntilAsync("AB");
        await client.SendAsync("cd");
        await upstream.ReadUntilAsync("cd");
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(50));
        await upstream.SendAsync("CD");
        Assert.Equal("CD", await client.ReadUntilAsync("CD"));
        Assert.Equal(1, gateway.Open);
    }

    [Theory]
    [InlineData("limits: { exchangeTimeout: 10s }", "")]
    [InlineData("", "timeout: 10s, ")]
    public async Task ExchangeThatTakesTooLong_Is504(string limits, string route)
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(
            $$"""
            {{limits}}
            upstreams: { up: { endpoints: [ { url: "{{listener.Url}}" } ] } }
            routes: [ { match: { path: /x }, {{route}}to: { upstream: up } } ]
            """);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var reply = client.ReadResponseAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(9.9));
        Assert.False(reply.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal(504, (await reply).Status);
        Assert.Contains("longer than this route allows", (await reply).Text);
        await upstream.ReadToEndAsync();
    }

    [Fact]
    public async Task ClientThatDoesNotRead_IsBrokenOff()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(
            listener.Url, "limits: { responseMinimumRate: 1000/s, bodyRateGrace: 5s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var sent = upstream.SendAsync(
            "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 1_000_000));
        await gateway.SettleAsync();
        Assert.False(sent.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(4.9));
        Assert.Equal(1, gateway.Open);
        await gateway.AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => gateway.Open == 0, "the slow reader's end");
        await Assert.ThrowsAsync<IOException>(() => sent);
        await client.ReadToEndAsync();
        Assert.True(client.WasReset);
    }

    [Fact]
    public async Task ClientThatReadsAboveTheMinimumRate_IsServedForAsLongAsItTakes()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(
            listener.Url, "limits: { responseMinimumRate: 1000/s, bodyRateGrace: 5s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        const int bytes = 200_000;
        var sent = upstream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n" + new string('x', bytes));
        await client.ReadHeadAsync();
        for (int read = 0; read < bytes; read += 2000)
        {
            await gateway.AdvanceAsync(TimeSpan.FromSeconds(1));
            await client.ReadExactlyAsync(2000);
        }
        await sent;
        Assert.Equal(1, gateway.Open);
    }

    [Fact]
    public async Task ClientThatPipelinesWithoutReading_IsBrokenOff()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(
            $$"""
            limits: { responseMinimumRate: 1000/s, bodyRateGrace: 5s, idleTimeout: 60s }
            routes: [ { match: { path: /big }, to: { mock: { body: "{{new string('x', 40_000)}}" } } } ]
            """);
        await using var client = await gateway.ConnectAsync();
        const string big = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
        await client.SendAsync(big);
        await gateway.SettleAsync();
        // The reply to this one is held back for the next, and then does not fit the client's window.
        await client.SendAsync(big + "GET");
        await gateway.SettleAsync();
        Assert.Equal(1, gateway.Open);
        await gateway.AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => gateway.Open == 0, "the slow reader's end");
    }

    [Fact]
    public async Task ClientThatNeitherSendsNorReads_IsBrokenOff()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(
            listener.Url, "limits: { responseMinimumRate: 1000/s, bodyMinimumRate: 1000/s, bodyRateGrace: 5s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        _ = upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 1_000_000));
        await gateway.SettleAsync();
        // A read that begins behind the blocked write must not take the write's time limit away.
        await client.SendAsync("some");
        await upstream.ReadUntilAsync("some");
        await gateway.AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => gateway.Open == 0, "the silent client's end");
        await client.ReadToEndAsync();
        Assert.True(client.WasReset);
    }

    [Fact]
    public async Task ClientThatStopsSendingWhileItReads_IsBrokenOff()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(
            listener.Url, "limits: { bodyMinimumRate: 1000/s, bodyRateGrace: 5s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var sent = upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 300_000));
        await client.ReadHeadAsync();
        await client.ReadExactlyAsync(300_000);
        await sent;
        await gateway.AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => gateway.Open == 0, "the silent client's end");
        await upstream.ReadToEndAsync();
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamThatStopsInsideALargeBody_BreaksTheClientOff(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(ProxyWith(listener.Url, "timeouts: { idle: 200ms }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + new string('x', 100_000));
        await client.ReadHeadAsync();
        await client.ReadExactlyAsync(100_000);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.True(client.WasReset);
        await upstream.ReadToEndAsync();
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamThatDoesNotAcceptInTime_Is504(Wire wire)
    {
        // RFC 5737: packets to this network are answered by nobody, or refused by a router at once.
        await using var gateway = await TestGateway.StartAsync(
            wire, ProxyWith("http://192.0.2.1:81", "timeouts: { connect: 100ms }"));
        var reply = await gateway.AskAsync(Get);
        Assert.Contains(reply.Status, new[] { 503, 504 });
    }

    private static string ProxyWith(string url, string settings) =>
        $$"""
        upstreams: { up: { endpoints: [ { url: "{{url}}" } ], {{settings}} } }
        routes:
          - { id: mock, match: { path: /mock }, to: { mock: { body: mocked } } }
          - { id: all, match: { path: "/{path+}" }, to: { upstream: up } }
        """;
}
