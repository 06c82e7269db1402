using static DataPlane.Http.Http2.Http2ErrorCode;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>Blocks that go on in CONTINUATION (RFC 9113 6.10).</summary>
internal static class ContinuationCases
{
    public static readonly ConformanceCase[] Rows =
    [
        new("6.10", "two CONTINUATION behind HEADERS",
            Send(Begun(), Continuation(1, LongField, isWhole: false), Continuation(1, LongField)), GetAnswer()),
        new("6.10", "DATA behind CONTINUATION that goes on",
            Send(BegunPost(), Continuation(1, LongField, isWhole: false), Data(1)), GetConnectionError(ProtocolError)),
        new("6.10", "CONTINUATION on stream 0",
            Send(Begun(), Continuation(0, LongField)), GetConnectionError(ProtocolError)),
        new("6.10", "CONTINUATION behind HEADERS that were whole",
            Send(Get(1), Continuation(1, LongField)), GetConnectionError(ProtocolError)),
        new("6.10", "CONTINUATION behind CONTINUATION that made it whole",
            Send(Begun(), Continuation(1, LongField), Continuation(1, LongField)), GetConnectionError(ProtocolError)),
        new("6.10", "CONTINUATION behind DATA",
            Send(BegunPost(), Data(1), Continuation(1, LongField, isWhole: false), Continuation(0, LongField)),
            GetConnectionError(ProtocolError)),
    ];

    private static Frame Begun() => Headers(1, Request("GET"), isWhole: false);

    private static Frame BegunPost() => Headers(1, Request("POST"), ends: false, isWhole: false);
}
