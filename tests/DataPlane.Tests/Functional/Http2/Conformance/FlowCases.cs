using static DataPlane.Http.Http2.Http2ErrorCode;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>WINDOW_UPDATE and the windows (RFC 9113 6.9). Every answer is longer than the windows here.</summary>
internal static class FlowCases
{
    public static readonly ConformanceCase[] Rows =
    [
        new("6.9", "WINDOW_UPDATE of 0 for the connection",
            Send(WindowUpdate(0, 0)), GetConnectionError(ProtocolError)),
        new("6.9", "WINDOW_UPDATE of 0 for a stream",
            Send(Headers(1, Request("GET"), ends: false), WindowUpdate(1, 0)), GetStreamError(ProtocolError)),
        new("6.9", "WINDOW_UPDATE of three bytes",
            Send(new Frame(Frame.WindowUpdate, 0, 0, [0, 0, 1])), GetConnectionError(FrameSizeError)),

        new("6.9.1", "no DATA is larger than the window",
            Send(Window(1)), GetSettingsAck(), Send(Get(1)), GetData(1)),
        new("6.9.1", "the connection's window beyond 2^31-1",
            Send(WindowUpdate(0, int.MaxValue), WindowUpdate(0, int.MaxValue)), GetConnectionError(FlowControlError)),
        new("6.9.1", "a stream's window beyond 2^31-1",
            Send(
                Headers(1, Request("GET"), ends: false), WindowUpdate(1, int.MaxValue),
                WindowUpdate(1, int.MaxValue)),
            GetStreamError(FlowControlError)) { NeedsOpenStream = true },

        new("6.9.2", "a larger first window makes streams larger that are open",
            Send(Window(0)), GetSettingsAck(), Send(Get(1), Window(1)), GetSettingsAck(), GetData(1)),
        new("6.9.2", "a smaller first window may make streams negative",
            Send(Window(3)), GetSettingsAck(), Send(Get(1)), GetData(3),
            Send(Window(2)), GetSettingsAck(), Send(WindowUpdate(1, 2)), GetData(1)),
        new("6.9.2", "a first window beyond 2^31-1",
            Send(Window(1u << 31)), GetConnectionError(FlowControlError)),

        new("6.9", "WINDOW_UPDATE of a closed stream",
            Send(Get(1)), GetWholeAnswer(), Send(WindowUpdate(1, 1), Ping()), GetPong()),
    ];
}
