using static DataPlane.Http.Http2.Http2ErrorCode;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>The states of streams, their numbers, and how errors end them (RFC 9113 5).</summary>
internal static class StreamCases
{
    public static readonly ConformanceCase[] Rows =
    [
        new("5.1", "idle: DATA", Send(Data(1)), GetConnectionError(ProtocolError)),
        new("5.1", "idle: RST_STREAM", Send(Reset(1)), GetConnectionError(ProtocolError)),
        new("5.1", "idle: WINDOW_UPDATE", Send(WindowUpdate(1, 100)), GetConnectionError(ProtocolError)),
        new("5.1", "idle: CONTINUATION", Send(Continuation(1, Request("GET"))), GetConnectionError(ProtocolError)),

        new("5.1", "half-closed: DATA", Send(Get(1), Data(1)), GetStreamError(StreamClosed)),
        new("5.1", "half-closed: HEADERS", Send(Get(1), Get(1)), GetStreamError(StreamClosed)),
        new("5.1", "half-closed: CONTINUATION",
            Send(Get(1), Continuation(1, Request("GET"))), GetStreamError(StreamClosed, ProtocolError)),

        new("5.1", "reset: DATA", Send(Opened(), Reset(1), Data(1)), GetStreamError(StreamClosed)),
        new("5.1", "reset: HEADERS", Send(Opened(), Reset(1), Get(1)), GetStreamError(StreamClosed)),
        new("5.1", "reset: CONTINUATION",
            Send(Opened(), Reset(1), Continuation(1, LongField)), GetStreamError(StreamClosed, ProtocolError)),

        new("5.1", "closed: DATA", Send(Get(1)), GetWholeAnswer(), Send(Data(1)), GetConnectionError(StreamClosed)),
        new("5.1", "closed: HEADERS", Send(Get(1)), GetWholeAnswer(), Send(Get(1)), GetConnectionError(StreamClosed)),
        new("5.1", "closed: CONTINUATION",
            Send(Get(1)), GetWholeAnswer(), Send(Continuation(1, LongField)),
            GetConnectionError(StreamClosed, ProtocolError)),

        new("5.1.1", "an even number", Send(Get(2)), GetConnectionError(ProtocolError)),
        // The RFC wants PROTOCOL_ERROR: the number was skipped, never closed. Kestrel keeps no list of what was
        // skipped, takes it for closed, and says so (5.1); the connection ends either way.
        new("5.1.1", "a number smaller than the last one",
            Send(Get(5), Get(3)), GetConnectionError(ProtocolError, StreamClosed)),
        new("5.1.1", "the number of a half-closed stream", Send(Get(5), Get(5)), GetStreamError(StreamClosed)),

        new("5.1.2", "one stream more than announced",
            Send(peer => [Window(0), .. Enumerable.Range(0, peer.MaxStreams + 1).Select(each => Get((each * 2) + 1))]),
            GetStreamError(ProtocolError, RefusedStream)),

        // RFC 9113 has dropped priorities; RFC 7540 5.3.1 has not.
        new("5.3", "HEADERS that depend on their own stream",
            Send(new Frame(Frame.Headers, 0x25, 1, [.. Dependency(1), .. Request("GET")])),
            GetStreamError(ProtocolError)),
        new("5.3", "PRIORITY that depends on its own stream", Send(Priority(1, dependsOn: 1)),
            GetStreamError(ProtocolError)),

        new("5.4.1", "a connection error closes the connection",
            Send(Ping() with { Stream = 3 }), GetConnectionError(ProtocolError)),
        new("5.4.1", "a connection error with a stream under way says GOAWAY before",
            Send(Opened(), Ping() with { Stream = 3 }), GetConnectionError(ProtocolError)),

        new("5.5", "an unknown frame is dropped", Send(Unknown() with { Stream = 1 }, Ping()), GetPong()),
        new("5.5", "an unknown frame inside a block",
            Send(Headers(1, Request("GET"), isWhole: false), Unknown()), GetConnectionError(ProtocolError)),
    ];

    private static Frame Opened() => Headers(1, Request("GET"), ends: false);
}
