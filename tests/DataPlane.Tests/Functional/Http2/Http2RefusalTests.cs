using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>Upstreams that take a stream back, or answer with what is no answer.</summary>
public sealed class Http2RefusalTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

    [Theory]
    [SocketWire(Get)]
    [SocketWire(Post)]
    public async Task StreamBehindAGoaway_IsSentAgain(Wire wire, string request)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(request);
        var first = await RawHttp2Peer.AcceptAsync(listener);
        await first.ReadAsync(Frame.Headers);
        await first.SendAsync(Frame.GoAway, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        var second = await RawHttp2Peer.AcceptAsync(listener);
        // Not before: closed with bytes unread it would reset, and the GOAWAY could be lost on the way.
        await first.CloseAsync();
        var (stream, _) = await second.ReadAsync(Frame.Headers);
        if (request == Post) Assert.Equal("hello"u8.ToArray(), (await second.ReadAsync(Frame.Data)).Payload);
        await second.AnswerAsync(stream);
        Assert.Equal(200, (await answer).Status);
        await second.CloseAsync();
    }

    [Theory]
    [SocketWire(Get)]
    [SocketWire(Post)]
    public async Task RefusedStream_IsSentAgain(Wire wire, string request)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(request);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        var (first, _) = await upstream.ReadAsync(Frame.Headers);
        await upstream.SendAsync(Frame.Reset, 0, first, 0, 0, 0, 7);
        var (second, _) = await upstream.ReadAsync(Frame.Headers);
        await upstream.AnswerAsync(second);
        Assert.Equal(200, (await answer).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task RefusedStreamWhoseBodyIsGone_Is502(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        var (stream, _) = await upstream.ReadAsync(Frame.Data);
        await upstream.SendAsync(Frame.Reset, 0, stream, 0, 0, 0, 7);
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task StreamsOverTheUpstreamsLimit_Wait(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url, "connections: { max: 1, idle: 1, pendingTimeout: 1m }");
        // On one connection, so that all are one loop's. SETTINGS_MAX_CONCURRENT_STREAMS = 1.
        await using var client = await Http2Client.ConnectAsync(gateway);
        int warmUp = await client.OpenAsync(Http2Client.Request("GET", "/"), ends: true);
        var upstream = await RawHttp2Peer.AcceptAsync(listener, 0, 3, 0, 0, 0, 1);
        await upstream.AnswerAsync((await upstream.ReadAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await client.ReadResponseAsync(warmUp)).Status);
        int first = await client.OpenAsync(Http2Client.Request("GET", "/"), ends: true);
        int second = await client.OpenAsync(Http2Client.Request("GET", "/"), ends: true);
        await upstream.AnswerAsync((await upstream.ReadAsync(Frame.Headers)).Stream);
        await upstream.AnswerAsync((await upstream.ReadAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await client.ReadResponseAsync(first)).Status);
        Assert.Equal(200, (await client.ReadResponseAsync(second)).Status);
        Assert.Equal(1, listener.Accepted);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task StreamsOverTheUpstreamsLimit_OpenAnotherConnection(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url, "connections: { max: 2, idle: 1, pending: 0 }");
        await using var client = await Http2Client.ConnectAsync(gateway);
        int warmUp = await client.OpenAsync(Http2Client.Request("GET", "/"), ends: true);
        var first = await RawHttp2Peer.AcceptAsync(listener, 0, 3, 0, 0, 0, 1);
        await first.AnswerAsync((await first.ReadAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await client.ReadResponseAsync(warmUp)).Status);
        int[] streams = [await OpenAsync(client), await OpenAsync(client)];
        var taken = await first.ReadAsync(Frame.Headers);
        var second = await RawHttp2Peer.AcceptAsync(listener, 0, 3, 0, 0, 0, 1);
        var other = await second.ReadAsync(Frame.Headers);
        // Settings first: until they have come, more than one is thought to be allowed.
        await second.SendAsync(Frame.Ping, 0, 0, new byte[8]);
        await second.ReadAsync(Frame.Ping);
        // Neither has room for a third, and nobody may wait.
        int third = await OpenAsync(client);
        Assert.Equal(503, (await client.ReadResponseAsync(third)).Status);
        await first.AnswerAsync(taken.Stream);
        await second.AnswerAsync(other.Stream);
        foreach (int stream in streams) Assert.Equal(200, (await client.ReadResponseAsync(stream)).Status);
        await first.CloseAsync();
        await second.CloseAsync();
    }

    [Theory]
    [SocketWire("x a", "b")]
    [SocketWire("transfer-encoding", "chunked")]
    public async Task FieldThatIsNone_Is502(Wire wire, string name, string value)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.AnswerAsync((await upstream.ReadAsync(Frame.Headers)).Stream, (name, value));
        Assert.Equal(502, (await answer).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire("b\r\nx-evil: 1")]
    [SocketWire("b\nx-evil: 1")]
    [SocketWire("b\rx-evil: 1")]
    [SocketWire("b\0x-evil: 1")]
    public async Task LineEndInAValue_MakesNoField(Wire wire, string value)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.AnswerAsync((await upstream.ReadAsync(Frame.Headers)).Stream, ("x-a", value));
        string head = (await answer).Head;
        Assert.DoesNotContain("\nx-evil", head, StringComparison.Ordinal);
        Assert.DoesNotContain("\rx-evil", head, StringComparison.Ordinal);
        Assert.DoesNotContain("\0", head, StringComparison.Ordinal);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task FieldsOverTheUpstreamsLimit_Are431AndTheConnectionLives(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await Http2Client.ConnectAsync(gateway);
        int warmUp = await OpenAsync(client);
        // SETTINGS_MAX_HEADER_LIST_SIZE = 2000.
        var upstream = await RawHttp2Peer.AcceptAsync(listener, 0, 6, 0, 0, 7, 0xd0);
        await upstream.AnswerAsync((await upstream.ReadAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await client.ReadResponseAsync(warmUp)).Status);

        var refused = await client.GetAsync("/", ("x-long", new string('x', 2000)));
        Assert.Equal(431, refused.Status);
        Assert.Contains("larger than the upstream takes", refused.Text, StringComparison.Ordinal);

        int posted = await client.OpenAsync(Http2Client.Request("POST", "/"), ends: false);
        await client.DataAsync(posted, "hello", ends: false);
        await client.SendAsync(
            Frame.Headers, Frame.EndHeaders | Frame.EndStream, posted, Hpack.Write(("x-long", new string('x', 2000))));
        Assert.Equal([0, 0, 0, 8], (await upstream.ReadAsync(Frame.Reset)).Payload);
        Assert.Equal(431, (await client.ReadResponseAsync(posted)).Status);

        int good = await client.OpenAsync(Http2Client.Request("GET", "/", ("x-long", new string('x', 500))));
        await upstream.AnswerAsync((await upstream.ReadAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await client.ReadResponseAsync(good)).Status);
        Assert.Equal(1, listener.Accepted);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamThatSpeaksHttp1_Is502(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal(502, (await answer).Status);
    }

    private static Task<int> OpenAsync(Http2Client client) =>
        client.OpenAsync(Http2Client.Request("GET", "/"), ends: true);

    private static Task StartAsync(
        TestGateway gateway, string url, string more = "connections: { max: 10, idle: 1 }") =>
        gateway.StartAsync(
            $$"""
            upstreams: { up: { protocol: http2, endpoints: [ "{{url}}" ], {{more}} } }
            routes: [ { match: { path: / }, to: { upstream: up } } ]
            """);
}
