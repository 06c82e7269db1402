using System.Net;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>Windows, rates and time: who may keep whom waiting, and for how long.</summary>
public sealed class Http2FlowTests
{
    private const int InitialWindowSize = 4;
    private const int Cancel = 0x8;

    [Theory]
    [SocketWire]
    public async Task ClosedWindow_HoldsTheUpstreamUp(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway, (InitialWindowSize, 0));
        int stream = await client.OpenAsync(Http2Client.Request("GET", "/big"));
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        const int total = 32 * 1024 * 1024;
        await upstream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n");
        var sending = upstream.SendAsync(new byte[total]);
        await client.NextAsync(Frame.Headers);
        // Long enough for an answer to a ping: nothing moved but that.
        await client.SendAsync(Frame.Ping, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        await client.NextAsync(Frame.Ping);
        Assert.False(sending.IsCompleted);
        await client.SendAsync(Frame.WindowUpdate, 0, 0, Frame.Bytes(total));
        await client.SendAsync(Frame.WindowUpdate, 0, stream, Frame.Bytes(total));
        Assert.Equal(total, (await client.ReadResponseAsync(stream)).Body.Length);
        await sending;
    }

    [Theory]
    [SocketWire]
    public async Task WindowThatStaysClosed_CostsTheStream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(
            listener.Url, "limits: { responseMinimumRate: 1000000/s, bodyRateGrace: 50ms }"));
        await using var client = await Http2Client.ConnectAsync(gateway, (InitialWindowSize, 0));
        int stream = await client.OpenAsync(Http2Client.Request("GET", "/big"));
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        await upstream.SendAsync(new byte[1_000_000]);
        Assert.Equal(Cancel, (await client.ReadResponseAsync(stream)).ResetCode);
        int other = await client.OpenAsync(Http2Client.Request("HEAD", "/mock"));
        Assert.Equal(200, (await client.ReadResponseAsync(other)).Status);
    }

    [Theory]
    [SocketWire]
    public async Task WindowClosedForASmallAnswer_CostsTheConnection(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { bodyRateGrace: 50ms }");
        await using var client = await Http2Client.ConnectAsync(gateway, (InitialWindowSize, 0));
        await client.OpenAsync(Http2Client.Request("GET", "/mock"));
        await client.ReadToEndAsync();
    }

    [Theory]
    [SocketWire]
    public async Task SlowBody_Is408(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(
            wire, upstream.Url, "limits: { bodyMinimumRate: 1000000/s, bodyRateGrace: 50ms }");
        await using var client = await Http2Client.ConnectAsync(gateway);
        int stream = await client.OpenAsync(Http2Client.Request("POST", "/x"), ends: false);
        await client.DataAsync(stream, "a", ends: false);
        Assert.Equal(408, (await client.ReadResponseAsync(stream)).Status);
        Assert.Equal("mocked", (await client.GetAsync("/mock")).Text);
    }

    [Theory]
    [SocketWire]
    public async Task LargeUpload_ArrivesWhole(Wire wire)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = (HostedGateway)await TestGateway.ProxyAsync(
            wire, upstream.Url, "limits: { requestBodyBytes: 64MiB }");
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, "/up"));
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        byte[] body = new byte[5 * 1024 * 1024];
        new Random(1).NextBytes(body);
        request.Content = new ByteArrayContent(body);
        using var response = await client.SendAsync(request).WaitAsync(Eventually.Patience);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(upstream.Requests.Single().AsSpan().EndsWith(body));
    }

    [Theory]
    [SocketWire]
    public async Task Drain_SaysGoAwayAndLetsExchangesEnd(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var busy = await Http2Client.ConnectAsync(gateway);
        await using var idle = await Http2Client.ConnectAsync(gateway);
        Assert.Equal("mocked", (await idle.GetAsync("/mock")).Text);
        int stream = await busy.OpenAsync(Http2Client.Request("GET", "/slow"));
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var drained = gateway.DrainAsync();
        Assert.Equal(0, await idle.ReadToEndAsync());
        await busy.NextAsync(Frame.GoAway);
        Assert.Equal(0, busy.GoAwayCode);
        await upstream.SendAsync(PeerService.Response(200, "done"));
        Assert.Equal("done", (await busy.ReadResponseAsync(stream)).Text);
        Assert.Equal(0, await busy.ReadToEndAsync());
        await drained;
    }

    [Theory]
    [SocketWire]
    public async Task LastRequestOfAConnection_IsFollowedByGoAway(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { requestsPerConnection: 2 }");
        await using var client = await Http2Client.ConnectAsync(gateway);
        Assert.Equal(200, (await client.GetAsync("/mock")).Status);
        Assert.Null(client.GoAwayCode);
        Assert.Equal(200, (await client.GetAsync("/mock")).Status);
        Assert.Equal(0, await client.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task SilentConnection_EndsAfterTheIdleTimeout(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { idleTimeout: 100ms }");
        await using var client = await Http2Client.ConnectAsync(gateway);
        Assert.Equal(200, (await client.GetAsync("/mock")).Status);
        Assert.Equal(0, await client.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task Connections_AreCountedAndShown(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        int first = await client.OpenAsync(Http2Client.Request("GET", "/one"));
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var view = Assert.Single(await gateway.Connections.ListAsync(0, 10));
        Assert.Equal(("active", "GET", "all", 1), (view.State, view.Method, view.Route, view.Requests));
        await upstream.SendAsync(PeerService.Response(200, "one"));
        Assert.Equal("one", (await client.ReadResponseAsync(first)).Text);
        view = Assert.Single(await gateway.Connections.ListAsync(0, 10));
        Assert.Equal(("idle", null), (view.State, view.Method));
        Assert.Equal(1, gateway.Open);
    }

    [Theory]
    [SocketWire]
    public async Task Preface_MayComeInPieces(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var peer = await gateway.ConnectAsync();
        foreach (char each in Http2Client.Preface) await peer.SendAsync(each.ToString());
        await using var client = new Http2Client(peer);
        await client.SendAsync(Frame.Settings, 0, 0);
        Assert.Equal("mocked", (await client.GetAsync("/mock")).Text);
    }

    [Theory]
    [SocketWire("P")]
    [SocketWire("PRI * HTTP/2.0\r\n\r\nSM\r\n\r")]
    public async Task PrefaceThatNeverEnds_IsClosed(Wire wire, string part)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { headTimeout: 50ms }");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(part);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [SocketWire("PUT /mock HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ")]
    [SocketWire("PRI /mock HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ")]
    [SocketWire("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "HTTP/1.1 505 ")]
    public async Task WhatOnlyBeginsLikeAPreface_IsHttp1(Wire wire, string request, string answer)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(request[..1]);
        await client.SendAsync(request[1..]);
        Assert.StartsWith(answer, await client.ReadHeadAsync());
    }

    [Theory]
    [SocketWire]
    public async Task ListenerOfHttp2Only_TakesNothingElse(Wire wire)
    {
        await using var gateway = new HostedGateway(wire) { ListenerKeys = "protocols: [http2]" };
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        await using var client = await Http2Client.ConnectAsync(gateway);
        Assert.Equal("mocked", (await client.GetAsync("/mock")).Text);
        await using var other = await gateway.ConnectAsync();
        await other.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.DoesNotContain("mocked", await other.ReadToEndAsync());
    }
}
