using DataPlane.Http.Http2;
using static DataPlane.Http.Http2.Http2ErrorCode;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>What each type of frame may not do (RFC 9113 6.1 to 6.8).</summary>
internal static class FrameCases
{
    public static readonly ConformanceCase[] Rows =
    [
        new("6.1", "DATA on stream 0", Send(Data(0)), GetConnectionError(ProtocolError)),
        new("6.1", "DATA on a stream that is not open",
            Send(Headers(1, Request("POST")), Data(1)), GetStreamError(StreamClosed)),
        new("6.1", "padding longer than DATA",
            Send(Post(1, ("content-length", "4")), PaddedData(1, 6, "test")), GetConnectionError(ProtocolError)),

        new("6.2", "PRIORITY behind HEADERS that go on",
            Send(Headers(1, Request("GET"), ends: false, isWhole: false), Priority(1)),
            GetConnectionError(ProtocolError)),
        new("6.2", "another stream's HEADERS behind HEADERS that go on",
            Send(Headers(1, Request("GET"), isWhole: false), Get(3)), GetConnectionError(ProtocolError)),
        new("6.2", "HEADERS on stream 0", Send(Get(0)), GetConnectionError(ProtocolError)),
        new("6.2", "padding longer than HEADERS",
            Send(new Frame(Frame.Headers, 0xd, 1, [(byte)(Request("GET").Length + 2), .. Request("GET")])),
            GetStreamError(ProtocolError)),

        new("6.3", "PRIORITY on stream 0", Send(Priority(0)), GetConnectionError(ProtocolError)),
        new("6.3", "PRIORITY of four bytes",
            Send(Get(1), new Frame(Frame.Priority, 0, 1, [0x80, 0, 0, 1])), GetStreamError(FrameSizeError)),
        new("6.3", "PRIORITY of an idle stream keeps no earlier one from opening",
            Send(Priority(3), Get(1)), GetWholeAnswer()),

        new("6.4", "RST_STREAM on stream 0", Send(Reset(0)), GetConnectionError(ProtocolError)),
        new("6.4", "RST_STREAM on an idle stream", Send(Reset(1)), GetConnectionError(ProtocolError)),
        new("6.4", "RST_STREAM of three bytes",
            Send(Get(1), new Frame(Frame.Reset, 0, 1, new byte[3])), GetStreamError(FrameSizeError)),

        new("6.5", "an acknowledgement with a payload",
            Send(new Frame(Frame.Settings, Frame.Ack, 0, [0])), GetConnectionError(FrameSizeError)),
        new("6.5", "SETTINGS on a stream",
            Send(Settings((Http2Setting.MaxConcurrentStreams, 100)) with { Stream = 1 }),
            GetConnectionError(ProtocolError)),
        new("6.5", "SETTINGS whose length is no multiple of six",
            Send(new Frame(Frame.Settings, 0, 0, [0, 3, 0, 0, 0, 100, 0, 2])),
            GetStreamError(ProtocolError, FrameSizeError)),

        Refuses("ENABLE_PUSH neither 0 nor 1", Http2Setting.EnablePush, 2, ProtocolError),
        Refuses("a window beyond 2^31-1", Http2Setting.InitialWindowSize, 1u << 31, FlowControlError),
        Refuses("a frame size below 2^14", Http2Setting.MaxFrameSize, (1 << 14) - 1, ProtocolError),
        Refuses("a frame size beyond 2^24-1", Http2Setting.MaxFrameSize, 1 << 24, ProtocolError),
        new("6.5.2", "an unknown setting is ignored", Send(Settings((UnknownSetting, 1)), Ping()), GetPong()),

        new("6.5.3", "of two values of one setting the last one counts",
            Send(Settings((Http2Setting.InitialWindowSize, 100), (Http2Setting.InitialWindowSize, 1))),
            GetSettingsAck(),
            Send(Get(1)), GetData(1)),
        new("6.5.3", "SETTINGS are acknowledged", Send(Settings((Http2Setting.EnablePush, 0))), GetSettingsAck()),

        new("6.7", "PING is answered with its payload",
            Send(Ping("\0h2 \u0001\u007f ~")), GetPong("\0h2 \u0001\u007f ~")),
        new("6.7", "an answer to PING is not answered",
            Send(Ping("a pong..", Frame.Ack), Ping("a ping..")), GetPong("a ping..")),
        new("6.7", "PING on a stream", Send(Ping() with { Stream = 1 }), GetConnectionError(ProtocolError)),
        new("6.7", "PING of six bytes", Send(Ping("123456")), GetConnectionError(FrameSizeError)),

        new("6.8", "GOAWAY on a stream", Send(GoAway(NoError) with { Stream = 1 }), GetConnectionError(ProtocolError)),
    ];

    private static ConformanceCase Refuses(string name, Http2Setting key, uint value, Http2ErrorCode code) =>
        new("6.5.2", name, Send(Settings((key, value))), GetConnectionError(code));
}
