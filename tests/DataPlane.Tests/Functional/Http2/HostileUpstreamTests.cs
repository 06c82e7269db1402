using System.Text;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// Upstreams that break the protocol: what is wrong with one response costs that response, what is wrong with the
/// connection ends it, and nothing of it reaches the client.
/// </summary>
public sealed class HostileUpstreamTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const int ProtocolError = 1;
    private const int FlowControlError = 3;
    private const int StreamClosed = 5;
    private const int FrameSizeError = 6;
    private const int CompressionError = 9;
    private const int EnhanceYourCalm = 11;
    private const byte Ends = Frame.EndHeaders | Frame.EndStream;

    private static readonly (string Name, string Value) s_ok = (":status", "200");

    private static readonly Dictionary<string, (int Code, Frame[] Frames)> s_ofConnections = new(StringComparer.Ordinal)
    {
        ["a CONTINUATION flood"] = (EnhanceYourCalm,
            [Head(0, s_ok), .. Many(100, new Frame(Frame.Continuation, 0, 1, [0, 1, (byte)'a', 1, (byte)'b']))]),
        ["empty CONTINUATIONs"] = (EnhanceYourCalm,
            [Head(0, s_ok), .. Many(3000, new Frame(Frame.Continuation, 0, 1, []))]),
        ["a head without end"] = (EnhanceYourCalm,
            [Head(0, s_ok), .. Many(10, new Frame(Frame.Continuation, 0, 1, new byte[16_000]))]),
        ["empty DATA"] = (EnhanceYourCalm, [Head(Frame.EndHeaders, s_ok), .. Many(3000, Data(0))]),
        ["PINGs"] = (EnhanceYourCalm, Many(3000, new Frame(Frame.Ping, 0, 0, new byte[8]))),
        ["SETTINGS"] = (EnhanceYourCalm, Many(3000, new Frame(Frame.Settings, 0, 0, [0, 4, 0, 0, 0, 1]))),
        ["unknown frames"] = (EnhanceYourCalm, Many(3000, new Frame(77, 0, 0, []))),
        ["resets of what is over"] = (EnhanceYourCalm, Many(3000, new Frame(Frame.Reset, 0, 1, [0, 0, 0, 2]))),
        ["a promise"] = (ProtocolError, [new Frame(Frame.PushPromise, Frame.EndHeaders, 1, [0, 0, 0, 2])]),
        ["a head inside a head"] = (ProtocolError, [Head(0, s_ok), new Frame(Frame.Ping, 0, 0, new byte[8])]),
        ["a CONTINUATION of nothing"] = (ProtocolError, [new Frame(Frame.Continuation, 4, 1, [])]),
        ["DATA of no stream"] = (ProtocolError, [new Frame(Frame.Data, 0, 0, [1])]),
        ["DATA of a stream nobody opened"] = (ProtocolError, [new Frame(Frame.Data, 0, 101, [1])]),
        ["a head of the upstream's own stream"] = (ProtocolError, [new Frame(Frame.Headers, Ends, 2, [0x88])]),
        ["PING of a stream"] = (ProtocolError, [new Frame(Frame.Ping, 0, 1, new byte[8])]),
        ["padding over the end"] = (ProtocolError, [new Frame(Frame.Data, Frame.Padded, 1, [2, 1])]),
        ["padding of nothing"] = (ProtocolError, [new Frame(Frame.Headers, Frame.Padded | Ends, 1, [])]),
        ["pushes asked for"] = (ProtocolError, [new Frame(Frame.Settings, 0, 0, [0, 2, 0, 0, 0, 1])]),
        ["frames too small"] = (ProtocolError, [new Frame(Frame.Settings, 0, 0, [0, 5, 0, 0, 0, 100])]),
        ["no window"] = (ProtocolError, [new Frame(Frame.WindowUpdate, 0, 0, new byte[4])]),
        ["a window over any"] = (FlowControlError, [new Frame(Frame.WindowUpdate, 0, 0, [0x7f, 255, 255, 255])]),
        ["a first window over any"] = (FlowControlError, [new Frame(Frame.Settings, 0, 0, [0, 4, 0x80, 0, 0, 0])]),
        ["a short PING"] = (FrameSizeError, [new Frame(Frame.Ping, 0, 0, new byte[7])]),
        ["a short reset"] = (FrameSizeError, [new Frame(Frame.Reset, 0, 1, new byte[3])]),
        ["a short GOAWAY"] = (FrameSizeError, [new Frame(Frame.GoAway, 0, 0, new byte[7])]),
        ["half a setting"] = (FrameSizeError, [new Frame(Frame.Settings, 0, 0, new byte[5])]),
        ["half a window"] = (FrameSizeError, [new Frame(Frame.WindowUpdate, 0, 1, new byte[3])]),
        ["a larger frame than agreed on"] = (FrameSizeError, [new Frame(Frame.Data, 0, 1, new byte[16_385])]),
        ["an entry of no table"] = (CompressionError, [new Frame(Frame.Headers, Ends, 1, [0x88, 0xbe])]),
    };

    private static readonly Dictionary<string, (int Code, Frame[] Frames)> s_ofStreams = new(StringComparer.Ordinal)
    {
        ["no status"] = (ProtocolError, [Head(Ends, ("x-a", "b"))]),
        ["an empty head"] = (ProtocolError, [new Frame(Frame.Headers, Ends, 1, [])]),
        ["a status twice"] = (ProtocolError, [Head(Ends, s_ok, s_ok)]),
        ["a status behind a field"] = (ProtocolError, [Head(Ends, ("x-a", "b"), s_ok)]),
        ["a path in an answer"] = (ProtocolError, [Head(Ends, s_ok, (":path", "/"))]),
        ["a status that is none"] = (ProtocolError, [Head(Ends, (":status", "2000"))]),
        ["a status of letters"] = (ProtocolError, [Head(Ends, (":status", "2a0"))]),
        ["another protocol"] = (ProtocolError, [Head(Frame.EndHeaders, (":status", "101"))]),
        ["an interim end"] = (ProtocolError, [Head(Ends, (":status", "103"))]),
        ["interim answers without end"] = (ProtocolError, Many(17, Head(Frame.EndHeaders, (":status", "103")))),
        ["upper case"] = (ProtocolError, [Head(Ends, s_ok, ("X-A", "b"))]),
        ["a connection"] = (ProtocolError, [Head(Ends, s_ok, ("connection", "x-a"))]),
        ["space around a value"] = (ProtocolError, [Head(Ends, s_ok, ("x-a", " b"))]),
        ["two lengths"] = (ProtocolError, [Head(Ends, s_ok, ("content-length", "0"), ("content-length", "1"))]),
        ["DATA before a head"] = (ProtocolError, [Data(5)]),
        ["less than the length"] = (ProtocolError, [Head(4, s_ok, ("content-length", "5")), Data(4, ends: true)]),
        ["nothing of the length"] = (ProtocolError, [Head(Ends, s_ok, ("content-length", "5"))]),
        ["a head of 40 KB"] = (ProtocolError,
            [Head(Frame.EndHeaders, (":status", "103")), .. LargeHead(count: 5, bytes: 8000)]),
        ["200 fields"] = (ProtocolError, [Head(Ends, [s_ok, .. Many(200, ("a", "b"))])]),
    };

    private static readonly Dictionary<string, (int Code, Frame[] Frames)> s_ofBodies = new(StringComparer.Ordinal)
    {
        ["more than the length"] = (ProtocolError, [Head(4, s_ok, ("content-length", "5")), Data(4), Data(2)]),
        ["a second head"] = (ProtocolError, [Head(4, s_ok), Data(4), Head(4, s_ok)]),
        ["trailers that do not end"] = (ProtocolError, [Head(4, s_ok), Data(4), Head(4, ("x-a", "b"))]),
        ["a status in trailers"] = (ProtocolError, [Head(4, s_ok), Data(4), Head(Ends, s_ok)]),
        ["trailers in upper case"] = (ProtocolError, [Head(4, s_ok), Data(4), Head(Ends, ("X-A", "b"))]),
        ["no window of the stream"] = (ProtocolError,
            [Head(4, s_ok), Data(4), new Frame(Frame.WindowUpdate, 0, 1, new byte[4])]),
        ["a stream's window over any"] = (FlowControlError,
            [Head(4, s_ok), Data(4), new Frame(Frame.WindowUpdate, 0, 1, [0x7f, 255, 255, 255])]),
    };

    private static readonly Dictionary<string, UpstreamFlood[]> s_floods = new(StringComparer.Ordinal)
    {
        ["a CONTINUATION flood"] = [UpstreamFlood.Continuation],
        ["empty CONTINUATIONs"] = [UpstreamFlood.Continuation],
        ["a head without end"] = [UpstreamFlood.Continuation],
        ["empty DATA"] = [UpstreamFlood.EmptyFrame],
        // Or this side does not come to read the answers.
        ["PINGs"] = [UpstreamFlood.Ping, UpstreamFlood.Unread],
        ["SETTINGS"] = [UpstreamFlood.Settings, UpstreamFlood.Unread],
        ["unknown frames"] = [UpstreamFlood.OtherFrame],
        ["resets of what is over"] = [UpstreamFlood.Reset],
    };

    public static TheoryData<string> Connections => [.. s_ofConnections.Keys];

    public static TheoryData<string> Streams => [.. s_ofStreams.Keys];

    public static TheoryData<string> Bodies => [.. s_ofBodies.Keys];

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task WhatNoUpstreamMaySend_EndsTheConnection(string what)
    {
        await using var gateway = TestGateway.Create(Wire.Epoll);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        var (code, frames) = s_ofConnections[what];
        var goaway = ReadCodeAsync(upstream, Frame.GoAway, at: 4);
        await SendAsync(upstream, frames);
        Assert.Equal(code, await goaway);
        string said = await client.ReadUntilAsync("\r\n");
        // A head that came with the flood, or before it.
        bool mayBegin = what == "empty DATA" && said == "HTTP/1.1 200 OK\r\n";
        if (!mayBegin) Assert.StartsWith("HTTP/1.1 502 ", said, StringComparison.Ordinal);
        var floods = gateway.Snapshot.Upstreams[0].Endpoints[0].Floods;
        UpstreamFlood[] counted = [.. Enum.GetValues<UpstreamFlood>().Where(each => floods.Of(each) > 0)];
        if (code != EnhanceYourCalm) Assert.Empty(counted);
        else Assert.Contains(Assert.Single(counted), s_floods[what]);
        await upstream.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task ResponseThatIsNone_Is502AndTheConnectionLives(string what)
    {
        await using var gateway = TestGateway.Create(Wire.Epoll);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        var (code, frames) = s_ofStreams[what];
        await upstream.SendAsync(frames);
        Assert.Equal(code, await ReadCodeAsync(upstream, Frame.Reset, at: 0));
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        await AnswersNextAsync(client, upstream);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task ResponseThatGoesWrong_IsBrokenOffAndTheConnectionLives(string what)
    {
        await using var gateway = TestGateway.Create(Wire.Epoll);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        var (code, frames) = s_ofBodies[what];
        await upstream.SendAsync(frames[..1]);
        await client.ReadHeadAsync();
        await upstream.SendAsync(frames[1..]);
        Assert.Equal(code, await ReadCodeAsync(upstream, Frame.Reset, at: 0));
        Assert.DoesNotContain("0\r\n\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await using var other = await gateway.ConnectAsync();
        await other.SendAsync(Get);
        // On its loop, or on the other one.
        var next = await Task.WhenAny(upstream.NextAsync(Frame.Headers), AcceptedAsync(listener));
        Assert.Equal(1, (await next).Stream % 2);
        await upstream.CloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task FrameBeforeAnySettings_EndsTheConnection(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.SendAsync(new Frame(Frame.Ping, 0, 0, new byte[8]).ToBytes());
        Assert.Equal(502, (await answer).Status);
    }

    [Theory]
    [SocketWire]
    public async Task ManyPings_AreAnsweredInTheirOrder(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await StartAsync(gateway, listener.Url);
        var answer = gateway.AskAsync(Get);
        var upstream = await RawHttp2Peer.AcceptAsync(listener);
        await upstream.NextAsync(Frame.Headers);
        await upstream.SendAsync(Enumerable.Range(0, 100).Select(
            each => new Frame(Frame.Ping, 0, 0, [0, 0, 0, 0, 0, 0, 0, (byte)each])));
        for (int each = 0; each < 100; each++)
        {
            var ping = await upstream.NextAsync(Frame.Ping);
            Assert.Equal((Frame.Ack, each), (ping.Flags, ping.Payload[7]));
        }
        await upstream.AnswerAsync(1);
        Assert.Equal(200, (await answer).Status);
        await upstream.CloseAsync();
    }

    private static async Task AnswersNextAsync(RawPeer client, RawHttp2Peer upstream)
    {
        // The same client, so the same loop and connection.
        await client.SendAsync(Get);
        await upstream.AnswerAsync((await upstream.NextAsync(Frame.Headers)).Stream);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await upstream.CloseAsync();
    }

    private static async Task<Frame> AcceptedAsync(PeerListener listener)
    {
        var other = await RawHttp2Peer.AcceptAsync(listener);
        return await other.NextAsync(Frame.Headers);
    }

    /// <summary>A flood may be over before it was sent to its end.</summary>
    private static async Task SendAsync(RawHttp2Peer upstream, Frame[] frames)
    {
        try
        {
            await upstream.SendAsync(frames);
        }
        catch (Exception gone) when (gone is IOException or System.Net.Sockets.SocketException)
        {
            // As it should.
        }
    }

    private static async Task<int> ReadCodeAsync(RawHttp2Peer upstream, byte type, int at) =>
        (await upstream.NextAsync(type)).NumberAt(at);

    private static Frame Head(int flags, params (string Name, string Value)[] fields) =>
        new(Frame.Headers, (byte)flags, 1, Hpack.Write(fields));

    private static Frame Data(int bytes, bool ends = false) =>
        new(Frame.Data, ends ? Frame.EndStream : (byte)0, 1, Encoding.ASCII.GetBytes(new string('d', bytes)));

    private static IEnumerable<Frame> LargeHead(int count, int bytes)
    {
        byte[] block = Hpack.Write([s_ok, .. Many(count, ("x-large", new string('v', bytes)))]);
        yield return new Frame(Frame.Headers, 0, 1, block[..16_000]);
        yield return new Frame(Frame.Continuation, 0, 1, block[16_000..32_000]);
        yield return new Frame(Frame.Continuation, Frame.EndHeaders, 1, block[32_000..]);
    }

    private static T[] Many<T>(int count, T one) => [.. Enumerable.Repeat(one, count)];

    private static Task StartAsync(TestGateway gateway, string url) => gateway.StartAsync(
        $$"""
        upstreams: { up: { protocol: http2, endpoints: [ "{{url}}" ] } }
        limits: { responseHeadBytes: 32KiB, responseHeaderCount: 100 }
        routes: [ { match: { path: / }, to: { upstream: up } } ]
        """);
}
