using DataPlane.Http.Http2;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>What every server has to take.</summary>
internal static class GoodFrameCases
{
    public static readonly ConformanceCase[] Rows =
    [
        new("3.4", "the preface is answered by SETTINGS", SendPreface(), GetSettingsFirst()) { IsBare = true },

        new("5.1", "PRIORITY on an idle stream", Send(Priority(1), Ping()), GetPong()),
        new("5.1", "WINDOW_UPDATE on a half-closed stream", Send(Window(0), Get(1), WindowUpdate(1, 1)), GetData(1)),
        new("5.1", "PRIORITY on a half-closed stream",
            Send(Window(0), Get(1), Priority(1), WindowUpdate(1, 1)), GetData(1)),
        new("5.1", "RST_STREAM on a half-closed stream", Send(Get(1), Reset(1), Ping()), GetPong()),
        new("5.1", "PRIORITY on a closed stream", Send(Get(1)), GetWholeAnswer(), Send(Priority(1), Ping()), GetPong()),

        new("6.1", "a body in one DATA", Send(Post(1), Data(1)), GetAnswer()),
        new("6.1", "a body in two DATA", Send(Post(1), Data(1, ends: false), Data(1)), GetAnswer()),
        new("6.1", "DATA with padding", Send(Post(1), PaddedData(1, 6, "test\0\0\0\0\0\0")), GetAnswer()),

        new("6.2", "HEADERS", Send(Get(1)), GetAnswer()),
        new("6.2", "HEADERS with padding",
            Send(new Frame(Frame.Headers, 0xd, 1, [8, .. Request("GET"), .. new byte[8]])), GetAnswer()),
        new("6.2", "HEADERS with a priority",
            Send(new Frame(Frame.Headers, 0x25, 1, [.. Dependency(0), .. Request("GET")])), GetAnswer()),
        new("6.2", "HEADERS with padding and a priority",
            Send(new Frame(Frame.Headers, 0x2d, 1, [1, .. Dependency(0), .. Request("GET"), 0])), GetAnswer()),

        new("6.3", "PRIORITY of the least weight", Send(Priority(1, weight: 0), Get(1)), GetAnswer()),
        new("6.3", "PRIORITY of the most weight", Send(Priority(1, weight: 255), Get(1)), GetAnswer()),
        new("6.3", "PRIORITY that depends on another stream",
            Send(Priority(3, dependsOn: 1, weight: 0), Get(1)), GetAnswer()),
        new("6.3", "PRIORITY that is exclusive",
            Send(Priority(1, weight: 0, isExclusive: true), Get(1)), GetAnswer()),
        new("6.3", "PRIORITY of a later stream before an earlier one opens", Send(Priority(3), Get(1)), GetAnswer()),

        new("6.4", "RST_STREAM of a stream that is open",
            Send(Headers(1, Request("GET"), ends: false), Reset(1), Ping()), GetPong()),

        new("6.5", "every setting there is",
            Send(Settings(
                (Http2Setting.HeaderTableSize, 4096), (Http2Setting.EnablePush, 1),
                (Http2Setting.MaxConcurrentStreams, 100), (Http2Setting.InitialWindowSize, 65_535),
                (Http2Setting.MaxFrameSize, 16_384), (Http2Setting.MaxHeaderListSize, 100))),
            GetSettingsAck()),

        new("6.7", "PING", Send(Ping("a ping..")), GetPong("a ping..")),

        new("6.8", "GOAWAY ends a connection without streams",
            Send(GoAway(Http2ErrorCode.NoError, "told")), GetClose()),

        new("6.9", "WINDOW_UPDATE of the connection", Send(WindowUpdate(0, 1), Ping()), GetPong()),
        new("6.9", "WINDOW_UPDATE of a stream", Send(Get(1), WindowUpdate(1, 1)), GetAnswer()),

        new("6.10", "a head in two frames",
            Send(Headers(1, Request("GET")[..5], isWhole: false), Continuation(1, Request("GET")[5..])), GetAnswer()),
        new("6.10", "a head in three frames",
            Send(
                Headers(1, Request("GET")[..5], isWhole: false),
                Continuation(1, Request("GET")[5..10], isWhole: false), Continuation(1, Request("GET")[10..])),
            GetAnswer()),

        new("8.1", "GET", Send(Get(1)), GetWholeAnswer()),
        new("8.1", "HEAD", Send(Headers(1, Request("HEAD"))), GetAnswer()),
        new("8.1", "POST", Send(Post(1), Data(1)), GetWholeAnswer()),
        new("8.1", "POST with trailers",
            Send(Post(1, ("trailer", "x-test")), Data(1, ends: false), Trailers(1, "x-test", "ok")), GetWholeAnswer()),
    ];
}
