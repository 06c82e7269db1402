using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>What the gateway does as a client of HTTP/2, frame by frame.</summary>
public sealed class UpstreamStreamTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [SocketWire]
    public async Task Head_IsWrittenAsHttp2WantsIt(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await gateway.ConnectAsync();
        var hpack = new Hpack();
        await client.SendAsync(
            "PATCH /?a=b HTTP/1.1\r\nHost: a.example\r\nX-Upper: Value\r\nConnection: x-hop\r\nX-Hop: 1\r\n"
            + "TE: trailers\r\nContent-Length: 2\r\n\r\nhi");
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        var head = await upstream.NextAsync(Frame.Headers);
        var fields = hpack.Read(head.Payload);
        Assert.Equal(
            [(":method", "PATCH"), (":scheme", "http"), (":path", "/?a=b"), (":authority", "a.example")], fields[..4]);
        Assert.Equal(0x20, head.Payload[0]);
        Assert.Contains(("x-upper", "Value"), fields);
        Assert.Contains(("content-length", "2"), fields);
        Assert.All(fields, field => Assert.Equal(field.Name.ToLowerInvariant(), field.Name));
        Assert.DoesNotContain(fields, field => field.Name is "connection" or "x-hop" or "host" or "transfer-encoding");
        var data = await upstream.NextAsync(Frame.Data);
        Assert.Equal((Frame.EndStream, "hi"), (data.Flags, Encoding.ASCII.GetString(data.Payload)));
        await upstream.AnswerAsync(head.Stream);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task HugeHead_IsContinued(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        string[] values = [.. Enumerable.Range(0, 4).Select(each => new string((char)('a' + each), 7000))];
        var answer = gateway.AskAsync(
            $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(values.Select((value, at) => $"X-{at}: {value}\r\n"))}\r\n");
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        var first = await upstream.NextAsync(Frame.Headers);
        Assert.Equal((Frame.EndStream, 16_384), (first.Flags, first.Payload.Length));
        var second = (await upstream.TryReadAsync())!;
        Assert.Equal((Frame.Continuation, Frame.EndHeaders), (second.Type, second.Flags));
        var fields = new Hpack().Read([.. first.Payload, .. second.Payload]);
        Assert.Equal(values, fields.Where(each => each.Name is ['x', '-', _]).Select(each => each.Value));
        await upstream.AnswerAsync(1);
        Assert.Equal(200, (await answer).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task InterimAnswers_AreLeftOut(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        foreach (string status in (string[])["100", "103", "199"])
        {
            byte[] block = Hpack.Write((":status", status), ("x-a", "1"));
            await upstream.SendAsync(Frame.Headers, Frame.EndHeaders, 1, block);
        }
        await upstream.AnswerAsync(1, ("x-b", "2"));
        var said = await answer;
        Assert.Equal((200, "2", null), (said.Status, said.Field("x-b"), said.Field("x-a")));
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task Upload_FollowsTheWindows(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + new string('x', 300));
        // SETTINGS_INITIAL_WINDOW_SIZE = 100, of which the first request may not know yet.
        var upstream = await RawHttp2Peer.AcceptAsync(listener, 0, 4, 0, 0, 0, 100);
        int warmUp = await ReadDataAsync(upstream, 300);
        await upstream.AnswerAsync(warmUp);
        await client.ReadResponseAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + new string('y', 300));
        int stream = await ReadDataAsync(upstream, 100);
        // Less than nothing is left: 30 - 100.
        await upstream.SendAsync(Frame.Settings, 0, 0, 0, 4, 0, 0, 0, 30);
        await upstream.SendAsync(Frame.WindowUpdate, 0, stream, Frame.Bytes(70));
        await upstream.SendAsync(Frame.Ping, 0, 0, new byte[8]);
        // Nothing comes before the answer to the ping.
        while (await upstream.TryReadAsync() is { } frame && frame.Type != Frame.Ping)
            Assert.NotEqual(Frame.Data, frame.Type);
        await upstream.SendAsync(Frame.WindowUpdate, 0, stream, Frame.Bytes(50));
        Assert.Equal(50, (await upstream.NextAsync(Frame.Data)).Payload.Length);
        await upstream.SendAsync(Frame.WindowUpdate, 0, stream, Frame.Bytes(1000));
        var last = await upstream.NextAsync(Frame.Data);
        Assert.Equal(150, last.Payload.Length);
        await upstream.AnswerAsync(stream);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task WindowOfTheConnection_IsSharedByItsStreams(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await Http2Client.ConnectAsync(gateway);
        int[] streams = [await OpenAsync(client), await OpenAsync(client)];
        var upstream = await RawHttp2Peer.AcceptAsync(listener, 0, 4, 0, 1, 0, 0);
        foreach (int stream in streams)
        {
            await client.DataAsync(stream, new string('z', 16_000), ends: false);
            await client.DataAsync(stream, new string('z', 16_000), ends: false);
            await client.DataAsync(stream, new string('z', 16_000));
        }
        // 65,535 of 96,000 bytes.
        int received = 0;
        while (received < 65_535) received += (await upstream.NextAsync(Frame.Data)).Payload.Length;
        Assert.Equal(65_535, received);
        await upstream.SendAsync(Frame.WindowUpdate, 0, 0, Frame.Bytes(100_000));
        while (received < 96_000) received += (await upstream.NextAsync(Frame.Data)).Payload.Length;
        await upstream.AnswerAsync(1);
        await upstream.AnswerAsync(3);
        foreach (int stream in streams) Assert.Equal(200, (await client.ReadResponseAsync(stream)).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task SlowClient_LeavesItsResponseWithTheUpstream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url, "http2: { streamWindow: 64KiB }");
        await using var client = await Http2Client.ConnectAsync(gateway, (4, 0));
        int slow = await client.OpenAsync(Http2Client.Request("GET", "/"));
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        await upstream.SendAsync(Frame.Headers, Frame.EndHeaders, 1, 0x88);
        for (int each = 0; each < 4; each++) await upstream.SendAsync(Frame.Data, 0, 1, new byte[16_000]);
        // The other stream of the connection goes on.
        int other = await client.OpenAsync(Http2Client.Request("HEAD", "/"));
        int given = 0;
        Frame next;
        while ((next = (await upstream.TryReadAsync())!).Type != Frame.Headers) given += GivenBy(next);
        await upstream.AnswerAsync(3, ("content-length", "7"));
        Assert.Equal("7", (await client.ReadResponseAsync(other)).Field("content-length"));
        // What was received for the slow one is given back as it is taken, in halves of the window.
        await client.SendAsync(Frame.WindowUpdate, 0, slow, Frame.Bytes(1_000_000));
        await client.SendAsync(Frame.WindowUpdate, 0, 0, Frame.Bytes(1_000_000));
        while (given == 0) given += GivenBy(await upstream.NextAsync(Frame.WindowUpdate));
        Assert.InRange(given, 32 * 1024, 64 * 1024);
        await upstream.SendAsync(Frame.Data, Frame.EndStream, 1, [1]);
        Assert.Equal(64_001, (await client.ReadResponseAsync(slow)).Body.Length);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamThatSendsMoreThanItMay_IsReset(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url, "http2: { streamWindow: 64KiB }");
        await using var client = await Http2Client.ConnectAsync(gateway, (4, 0));
        int stream = await client.OpenAsync(Http2Client.Request("GET", "/"));
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        await upstream.SendAsync(Frame.Headers, Frame.EndHeaders, 1, 0x88);
        Assert.Equal(":status", (await client.NextFieldsAsync())[0].Name);
        for (int each = 0; each < 30; each++) await upstream.SendAsync(Frame.Data, 0, 1, new byte[16_000]);
        var reset = await upstream.NextAsync(Frame.Reset);
        Assert.Equal((1, 3), (reset.Stream, reset.Number));
        // The client is told as soon as it takes what is there.
        await client.SendAsync(Frame.WindowUpdate, 0, stream, Frame.Bytes(1_000_000));
        await client.SendAsync(Frame.WindowUpdate, 0, 0, Frame.Bytes(1_000_000));
        Assert.NotNull((await client.ReadResponseAsync(stream)).ResetCode);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task ClientThatLeaves_CancelsItsStreamOnly(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await Http2Client.ConnectAsync(gateway);
        int leaving = await client.OpenAsync(Http2Client.Request("GET", "/"));
        int staying = await client.OpenAsync(Http2Client.Request("GET", "/"));
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        await upstream.NextAsync(Frame.Headers);
        await client.SendAsync(Frame.Reset, 0, leaving, 0, 0, 0, 8);
        var reset = await upstream.NextAsync(Frame.Reset);
        Assert.Equal(8, reset.Number);
        // What was on its way to a stream that is over disturbs nobody, and its fields are remembered.
        byte[] remembered = [0x88, 0x40, 1, (byte)'a', 1, (byte)'b'];
        await upstream.SendAsync(Frame.Headers, Frame.EndHeaders, reset.Stream, remembered);
        await upstream.SendAsync(Frame.Data, Frame.EndStream, reset.Stream, [1, 2, 3]);
        await upstream.SendAsync(Frame.Headers, Frame.EndHeaders | Frame.EndStream, 4 - reset.Stream, [0x88, 0xbe]);
        Assert.Equal("b", (await client.ReadResponseAsync(staying)).Field("a"));
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task EarlyAnswer_EndsTheUpload(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await Http2Client.ConnectAsync(gateway);
        int stream = await OpenAsync(client);
        await client.DataAsync(stream, "part", ends: false);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Data);
        // RFC 9113 8.1: a whole answer, and then no interest in the rest.
        await upstream.SendAsync(
            [
                new Frame(Frame.Headers, Frame.EndHeaders, 1, Hpack.Write((":status", "413"))),
                new Frame(Frame.Data, Frame.EndStream, 1, "enough"u8.ToArray()),
                new Frame(Frame.Reset, 0, 1, new byte[4]),
            ]);
        var answer = await client.ReadResponseAsync(stream);
        Assert.Equal((413, "enough"), (answer.Status, answer.Text));
        int next = await client.OpenAsync(Http2Client.Request("GET", "/"));
        await upstream.AnswerAsync((await upstream.NextAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await client.ReadResponseAsync(next)).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task Goaway_LetsWhatItTookFinish(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await Http2Client.ConnectAsync(gateway);
        int[] streams = [await OpenAsync(client, ends: true), await OpenAsync(client, ends: true)];
        var first = await RawHttp2Peer.AcceptAsync(listener);
        await first.NextAsync(Frame.Headers);
        await first.NextAsync(Frame.Headers);
        // The first of two, whatever its method.
        await first.SendAsync(Frame.GoAway, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
        var second = await RawHttp2Peer.AcceptAsync(listener);
        await second.AnswerAsync((await second.NextAsync(Frame.Headers)).Stream, ("by", "second"));
        await first.AnswerAsync(1, ("by", "first"));
        var answers = new List<string?>();
        foreach (int stream in streams) answers.Add((await client.ReadResponseAsync(stream)).Field("by"));
        Assert.Equal(["first", "second"], answers.Order());
        // Nothing is left on it.
        Assert.NotNull(await first.NextAsync(Frame.GoAway));
        Assert.Null(await first.TryReadAsync());
        await first.CloseAsync();
        await second.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task SilentConnection_IsPingedAndGivenUp(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url, "http2: { ping: 200ms, pingTimeout: 1s }");
        var answer = gateway.AskAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        var ping = await upstream.NextAsync(Frame.Ping);
        Assert.Equal((0, 0, 8), (ping.Flags, ping.Stream, ping.Payload.Length));
        await upstream.SendAsync(Frame.Ping, Frame.Ack, 0, ping.Payload);
        ping = await upstream.NextAsync(Frame.Ping);
        Assert.Equal(0, ping.Flags);
        // No answer this time.
        Assert.Equal(502, (await answer).Status);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task IdleConnection_IsClosedWithAGoodbye(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url, "connections: { idleTimeout: 1s }");
        var answer = gateway.AskAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.AnswerAsync((await upstream.NextAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await answer).Status);
        Assert.Equal(0, (await upstream.NextAsync(Frame.GoAway)).NumberAt(4));
        Assert.Null(await upstream.TryReadAsync());
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task FramesInPieces_AreTheSame(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        byte[] bytes =
        [
            .. new Frame(Frame.Headers, Frame.HasPriority, 1, [0, 0, 0, 0, 16, 0x88]).ToBytes(),
            .. new Frame(Frame.Continuation, Frame.EndHeaders, 1, Hpack.Write(("x-a", "b"))).ToBytes(),
            .. new Frame(Frame.Data, Frame.Padded, 1, [3, (byte)'h', (byte)'i', 0, 0, 0]).ToBytes(),
            .. new Frame(Frame.Data, Frame.EndStream, 1, [(byte)'!']).ToBytes(),
        ];
        foreach (byte each in bytes) await upstream.SendRawAsync([each]);
        var said = await answer;
        Assert.Equal((200, "b", "hi!"), (said.Status, said.Field("x-a"), said.Text));
        await upstream.CloseAsync();
    }

    private static int GivenBy(Frame frame) => frame is { Type: Frame.WindowUpdate, Stream: 1 } ? frame.Number : 0;

    private static Task<int> OpenAsync(Http2Client client, bool ends = false) =>
        client.OpenAsync(Http2Client.Request("POST", "/"), ends);

    /// <summary>So many bytes of the next stream's body; its number.</summary>
    private static async Task<int> ReadDataAsync(RawHttp2Peer upstream, int bytes)
    {
        while (true)
        {
            var data = await upstream.NextAsync(Frame.Data);
            bytes -= data.Payload.Length;
            if (bytes <= 0) return data.Stream;
            await upstream.SendAsync(Frame.WindowUpdate, 0, data.Stream, Frame.Bytes(bytes));
        }
    }

    private static Task StartAsync(TestGateway gateway, string url, string more = "slowStart: 0s") =>
        gateway.StartAsync(
            $$"""
            upstreams: { up: { protocol: http2, endpoints: [ "{{url}}" ], {{more}} } }
            limits: { bodyMinimumRate: 0/s, responseMinimumRate: 0/s }
            routes: [ { match: { path: / }, to: { upstream: up } } ]
            """);
}
