using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// Rules of RFC 9113 about frames and streams, one row each, as a gateway has to keep them whoever reads the frames for
/// it. Where the RFC has a stream error, the end of the connection is allowed as well (5.4.1).
/// </summary>
public sealed class Http2FrameRuleTests
{
    private const int ProtocolError = 0x1;
    private const int FlowControlError = 0x3;
    private const int StreamClosed = 0x5;
    private const int FrameSizeError = 0x6;
    private const int CompressionError = 0x9;

    private static readonly byte[] s_get = Hpack.Write(Http2Client.Request("GET", "/mock"));

    private static readonly (string Rule, int[] Codes, Frame[] Frames)[] s_rows =
    [
        ("4.2 a frame beyond the announced size", [FrameSizeError], [new(Frame.Ping, 0, 0, new byte[20_000])]),
        ("4.3 a header block that cannot be decoded", [CompressionError, ProtocolError], [Get(1, [0xff, 0xff, 0xff])]),
        ("4.3 a table size beyond the announced one", [CompressionError], [Get(1, [0x3f, 0xff, 0xff, 0x7f, .. s_get])]),
        ("5.1 DATA on an idle stream", [ProtocolError], [new(Frame.Data, 1, 1, [1])]),
        ("5.1 RST_STREAM on an idle stream", [ProtocolError], [new(Frame.Reset, 0, 1, Frame.Bytes(8))]),
        ("5.1 WINDOW_UPDATE on an idle stream", [ProtocolError], [new(Frame.WindowUpdate, 0, 1, Frame.Bytes(8))]),
        ("5.1 CONTINUATION on an idle stream", [ProtocolError], [new(Frame.Continuation, 4, 1, s_get)]),
        ("5.1 DATA behind the end of a stream", [StreamClosed], [Get(1, s_get), new(Frame.Data, 1, 1, [1])]),
        ("5.1 HEADERS behind the end of a stream", [StreamClosed], [Get(1, s_get), Get(1, s_get)]),
        ("5.1.1 an even stream id", [ProtocolError], [Get(2, s_get)]),
        ("5.1.1 a stream id smaller than before", [ProtocolError, StreamClosed], [Get(5, s_get), Get(3, s_get)]),
        ("5.3.1 a stream that depends on itself", [ProtocolError],
            [new(Frame.Headers, 0x25, 1, [0, 0, 0, 1, 16, .. s_get])]),
        ("5.5 an unknown frame inside a header block", [ProtocolError],
            [new(Frame.Headers, 1, 1, s_get), new(0x77, 0, 0, [])]),
        ("6.1 DATA on stream 0", [ProtocolError], [new(Frame.Data, 0, 0, [1])]),
        ("6.1 padding as long as the frame", [ProtocolError],
            [new(Frame.Headers, 4, 1, s_get), new(Frame.Data, 9, 1, [5, 0, 0, 0])]),
        ("6.2 HEADERS on stream 0", [ProtocolError], [Get(0, s_get)]),
        ("6.2 another stream inside a header block", [ProtocolError], [new(Frame.Headers, 1, 1, s_get), Get(3, s_get)]),
        ("6.2 padding as long as the header block", [ProtocolError], [new(Frame.Headers, 0xd, 1, [9, 0, 0])]),
        ("6.3 PRIORITY on stream 0", [ProtocolError], [new(Frame.Priority, 0, 0, [0, 0, 0, 1, 1])]),
        ("6.3 PRIORITY of another length", [FrameSizeError],
            [new(Frame.Headers, 4, 1, s_get), new(Frame.Priority, 0, 1, [0, 0, 0, 1])]),
        ("6.4 RST_STREAM on stream 0", [ProtocolError], [new(Frame.Reset, 0, 0, Frame.Bytes(8))]),
        ("6.4 RST_STREAM of another length", [FrameSizeError], [Get(1, s_get), new(Frame.Reset, 0, 1, [1])]),
        ("6.5 SETTINGS on a stream", [ProtocolError], [new(Frame.Settings, 0, 1, [])]),
        ("6.5 SETTINGS of another length", [FrameSizeError], [new(Frame.Settings, 0, 0, [1, 2, 3])]),
        ("6.5 an acknowledgement with a payload", [FrameSizeError], [new(Frame.Settings, 1, 0, new byte[6])]),
        ("6.5.2 ENABLE_PUSH of 2", [ProtocolError], [new(Frame.Settings, 0, 0, [0, 2, 0, 0, 0, 2])]),
        ("6.5.2 a window beyond 2^31-1", [FlowControlError], [new(Frame.Settings, 0, 0, [0, 4, 0x80, 0, 0, 0])]),
        ("6.5.2 a frame size below 2^14", [ProtocolError], [new(Frame.Settings, 0, 0, [0, 5, 0, 0, 0, 1])]),
        ("6.5.2 a frame size beyond 2^24-1", [ProtocolError], [new(Frame.Settings, 0, 0, [0, 5, 1, 0, 0, 0])]),
        ("6.6 PUSH_PROMISE of a client", [ProtocolError], [new(Frame.PushPromise, 4, 1, [0, 0, 0, 2])]),
        ("6.7 PING on a stream", [ProtocolError], [new(Frame.Ping, 0, 1, new byte[8])]),
        ("6.7 PING of another length", [FrameSizeError], [new(Frame.Ping, 0, 0, new byte[7])]),
        ("6.8 GOAWAY on a stream", [ProtocolError], [new(Frame.GoAway, 0, 1, new byte[8])]),
        ("6.9 WINDOW_UPDATE of 0", [ProtocolError], [new(Frame.WindowUpdate, 0, 0, Frame.Bytes(0))]),
        ("6.9 WINDOW_UPDATE of another length", [FrameSizeError], [new(Frame.WindowUpdate, 0, 0, [0, 0, 1])]),
        ("6.9.1 a connection window beyond 2^31-1", [FlowControlError],
            [new(Frame.WindowUpdate, 0, 0, Frame.Bytes(int.MaxValue))]),
        ("6.10 CONTINUATION behind the end of a block", [ProtocolError],
            [Get(1, s_get), new(Frame.Continuation, 4, 1, s_get)]),
        ("8.1 trailers without the end of the stream", [ProtocolError],
            [new(Frame.Headers, 4, 1, s_get), new(Frame.Headers, 4, 1, Hpack.Write(("a", "b")))]),
        ("8.2.1 an upper-case name", [ProtocolError], [Get(1, [.. s_get, .. Hpack.Write(("A", "b"))])]),
        ("8.3 a pseudo field behind a field", [ProtocolError],
            [Get(1, [.. Hpack.Write(("a", "b")), .. s_get])]),
        ("8.3 a pseudo field twice", [ProtocolError], [Get(1, [.. s_get, .. Hpack.Write((":path", "/"))])]),
        ("8.3 a pseudo field in trailers", [ProtocolError],
            [new(Frame.Headers, 4, 1, s_get), Get(1, Hpack.Write((":path", "/")))]),
        ("8.3.1 no method", [ProtocolError], [Get(1, Hpack.Write((":scheme", "http"), (":path", "/")))]),
        ("8.3.1 no scheme", [ProtocolError], [Get(1, Hpack.Write((":method", "GET"), (":path", "/")))]),
        ("8.3.1 no path", [ProtocolError], [Get(1, Hpack.Write((":method", "GET"), (":scheme", "http")))]),
    ];

    private static readonly (string Rule, Frame[] Frames)[] s_allowed =
    [
        ("4.1 reserved bits and unknown flags are ignored",
            [new(Frame.Ping, 0xf0, unchecked((int)0x80000000), new byte[8])]),
        ("4.2 the largest frame", [new(0x77, 0, 0, new byte[16 * 1024])]),
        ("5.5 unknown frames are ignored", [new(0x77, 0xff, 9, [1, 2])]),
        ("6.1 padding is dropped", [new(Frame.Headers, 4, 5, s_get), new(Frame.Data, 9, 5, [2, 1, 0, 0])]),
        ("6.2 padding and priority of HEADERS", [new(Frame.Headers, 0x2d, 5, [1, 0, 0, 0, 3, 1, .. s_get, 0])]),
        ("6.3 PRIORITY of an idle stream", [new(Frame.Priority, 0, 7, [0, 0, 0, 1, 1])]),
        ("6.5 unknown settings are ignored", [new(Frame.Settings, 0, 0, [0x77, 0x77, 0, 0, 0, 1])]),
        ("6.9 WINDOW_UPDATE of a stream that has ended",
            [Get(5, s_get), new(Frame.WindowUpdate, 0, 5, Frame.Bytes(1))]),
        ("6.10 a block in three frames",
            [new(Frame.Headers, 1, 5, s_get[..5]), new(Frame.Continuation, 0, 5, s_get[5..9]),
                new(Frame.Continuation, 4, 5, s_get[9..])]),
    ];

    public static TheoryData<string> Rules => [.. s_rows.Select(row => row.Rule)];

    public static TheoryData<string> Allowed => [.. s_allowed.Select(row => row.Rule)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task BrokenRule_IsAnError(string rule)
    {
        var (_, codes, frames) = s_rows.First(row => row.Rule == rule);
        await using var gateway = await StartAsync();
        await using var client = await Http2Client.ConnectAsync(gateway);
        foreach (var frame in frames) await client.Peer.SendAsync(frame.ToBytes());
        int? code = null;
        while (code is null && await client.ReadFrameAsync() is { } frame)
        {
            // NO_ERROR only says that the rest of the body is not wanted.
            if (frame.Type == Frame.Reset && frame.Number != 0) code = frame.Number;
            if (frame.Type == Frame.GoAway) code = client.GoAwayCode;
        }
        Assert.Contains(code, codes.Cast<int?>());
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task AllowedFrame_DoesNoHarm(string rule)
    {
        await using var gateway = await StartAsync();
        await using var client = await Http2Client.ConnectAsync(gateway);
        foreach (var frame in s_allowed.First(row => row.Rule == rule).Frames)
        {
            await client.Peer.SendAsync(frame.ToBytes());
        }
        await client.SendAsync(Frame.Headers, Frame.EndHeaders | Frame.EndStream, 11, s_get);
        Assert.Equal("mocked", (await client.ReadResponseAsync(11)).Text);
    }

    private static Task<TestGateway> StartAsync() => TestGateway.StartAsync(
        Wire.Sockets, "routes: [ { match: { path: /mock }, to: { mock: { body: mocked } } } ]");

    private static Frame Get(int stream, byte[] block) =>
        new(Frame.Headers, Frame.EndHeaders | Frame.EndStream, stream, block);
}
