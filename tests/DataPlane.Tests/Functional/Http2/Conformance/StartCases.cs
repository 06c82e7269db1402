using static DataPlane.Http.Http2.Http2ErrorCode;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>The preface, and how frames are laid out (RFC 9113 3.4 and 4).</summary>
internal static class StartCases
{
    public static readonly ConformanceCase[] Rows =
    [
        new("3.4", "SETTINGS of the gateway come first, and the client's are acknowledged",
            SendPreface(), GetSettingsFirst(), GetSettingsAck()) { IsBare = true },
        new("3.4", "a preface that is none",
            SendRaw("INVALID CONNECTION PREFACE\r\n\r\n"), GetRawAndClose("HTTP/1.1 400 ")) { IsBare = true },

        new("4.1", "a frame of unknown type is dropped", Send(Unknown(), Ping()), GetPong()),
        new("4.1", "flags without a meaning are ignored", Send(Ping(flags: 0x16)), GetPong()),
        new("4.1", "the reserved bit is ignored",
            Send(new Frame(Frame.Ping, 0x16, int.MinValue, [.. "12345678"u8])), GetPong()),

        new("4.2", "DATA of the largest size", Send(Post(1), Data(1, new string('x', 16_384))), GetAnswer()),
        new("4.2", "DATA beyond the largest size",
            Send(peer => [Post(1), Data(1, new string('x', peer.MaxFrameBytes + 1))]), GetStreamError(FrameSizeError)),
        new("4.2", "HEADERS beyond the largest size",
            Send(peer => [Get(1, ("x-long", new string('x', peer.MaxFrameBytes)))]),
            GetConnectionError(FrameSizeError)),
        new("4.2", "a frame of unknown type of the largest size",
            Send(peer => [Unknown() with { Payload = new byte[peer.MaxFrameBytes] }, Ping()]), GetPong()),
        new("4.2", "PING beyond the largest size",
            Send(peer => [Ping(new string('x', peer.MaxFrameBytes + 1))]), GetConnectionError(FrameSizeError)),

        new("4.3", "a block that breaks off inside a field", Send(Headers(1, [0x40])),
            GetConnectionError(CompressionError)),
        new("4.3", "PRIORITY inside a block",
            Send(
                Headers(1, Request("GET"), ends: false, isWhole: false), Priority(1), Continuation(1, LongField)),
            GetConnectionError(ProtocolError)),
        new("4.3", "HEADERS of another stream inside a block",
            Send(Headers(1, Request("GET"), ends: false, isWhole: false), Get(3), Continuation(1, LongField)),
            GetConnectionError(ProtocolError)),
    ];
}
