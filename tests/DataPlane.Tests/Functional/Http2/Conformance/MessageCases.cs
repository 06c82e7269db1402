using static DataPlane.Http.Http2.Http2ErrorCode;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>Codes nobody knows, and malformed messages (RFC 9113 7 and 8).</summary>
internal static class MessageCases
{
    public static readonly ConformanceCase[] Rows =
    [
        new("7", "GOAWAY with an unknown code", Send(GoAway(UnknownCode)), GetClose()),
        new("7", "RST_STREAM with an unknown code",
            Send(Post(1), Reset(1, UnknownCode), Ping()), GetPong()),

        new("8.1", "trailers that do not end the stream",
            Send(Post(1), Data(1, ends: false), Trailers(1, "x-test", "ok", ends: false)),
            GetStreamError(ProtocolError)),
        new("8.1.1", "a body longer than its length",
            Send(Post(1, ("content-length", "1")), Data(1)), GetStreamError(ProtocolError)) { NeedsOpenStream = true },
        new("8.1.1", "a body in two pieces longer than its length",
            Send(Post(1, ("content-length", "1")), Data(1, ends: false), Data(1)),
            GetStreamError(ProtocolError)) { NeedsOpenStream = true },

        new("8.2.1", "a name with capitals", Send(Get(1, ("X-TEST", "ok"))), GetStreamError(ProtocolError)),
        new("8.2.2", "a field of the connection",
            Send(Get(1, ("connection", "keep-alive"))), GetStreamError(ProtocolError)),
        new("8.2.2", "te with more than trailers",
            Send(Get(1, ("trailers", "test"), ("te", "trailers, deflate"))), GetStreamError(ProtocolError)),

        new("8.3", "an unknown pseudo field", Send(Get(1, (":test", "ok"))), GetStreamError(ProtocolError)),
        new("8.3", "a pseudo field of responses", Send(Get(1, (":status", "200"))), GetStreamError(ProtocolError)),
        new("8.3", "a pseudo field in trailers",
            Send(Post(1), Data(1, ends: false), Trailers(1, ":method", "POST")), GetStreamError(ProtocolError)),
        new("8.3", "a pseudo field behind a field",
            Send(Headers(1, [.. Hpack.Write(("x-test", "ok")), .. Request("GET")])), GetStreamError(ProtocolError)),

        Refuses("an empty path", (":method", "GET"), (":scheme", "http"), (":path", ""), (":authority", Host)),
        Refuses("no method", (":scheme", "http"), (":path", "/"), (":authority", Host)),
        Refuses("no scheme", (":method", "GET"), (":path", "/"), (":authority", Host)),
        Refuses("no path", (":method", "GET"), (":scheme", "http"), (":authority", Host)),
        new("8.3.1", "two methods", Send(Get(1, (":method", "GET"))), GetStreamError(ProtocolError)),
        new("8.3.1", "two schemes", Send(Get(1, (":scheme", "http"))), GetStreamError(ProtocolError)),
        new("8.3.1", "two paths", Send(Get(1, (":path", "/"))), GetStreamError(ProtocolError)),

        new("8.4", "PUSH_PROMISE of a client",
            Send(new Frame(Frame.PushPromise, Frame.EndHeaders, 1, [0, 0, 0, 3, .. Request("GET")])),
            GetConnectionError(ProtocolError)),
    ];

    private static ConformanceCase Refuses(string name, params (string Name, string Value)[] fields) =>
        new("8.3.1", name, Send(Headers(1, Hpack.Write(fields))), GetStreamError(ProtocolError));
}
