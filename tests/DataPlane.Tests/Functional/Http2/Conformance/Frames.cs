using System.Text;
using DataPlane.Http.Http2;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>The frames of a client as the cases spell them: right unless they are told to be wrong.</summary>
internal static class Frames
{
    public const string Host = "gw.test";

    /// <summary>Nobody has defined these two.</summary>
    public const Http2Setting UnknownSetting = (Http2Setting)0xff;

    public const Http2ErrorCode UnknownCode = (Http2ErrorCode)0xff;

    /// <summary>A field that fills a quarter of a frame.</summary>
    public static readonly byte[] LongField = Hpack.Write(("x-long", new string('x', 4000)));

    /// <summary>The block of a request for /, these fields at its end, nothing for the dynamic table.</summary>
    public static byte[] Request(string method, params (string Name, string Value)[] more) =>
        Hpack.Write([(":method", method), (":scheme", "http"), (":path", "/"), (":authority", Host), .. more]);

    /// <summary>The block of a GET with other bytes behind it.</summary>
    public static byte[] GetAnd(params byte[] more) => [.. Request("GET"), .. more];

    public static Frame Headers(int stream, byte[] block, bool ends = true, bool isWhole = true)
    {
        int flags = (ends ? Frame.EndStream : 0) | (isWhole ? Frame.EndHeaders : 0);
        return new Frame(Frame.Headers, (byte)flags, stream, block);
    }

    public static Frame Get(int stream, params (string Name, string Value)[] more) =>
        Headers(stream, Request("GET", more));

    /// <summary>A POST whose body is to come.</summary>
    public static Frame Post(int stream, params (string Name, string Value)[] more) =>
        Headers(stream, Request("POST", more), ends: false);

    /// <summary>A field block at the end of a body.</summary>
    public static Frame Trailers(int stream, string name, string value, bool ends = true) =>
        Headers(stream, Hpack.Write((name, value)), ends);

    public static Frame Continuation(int stream, byte[] block, bool isWhole = true) =>
        new(Frame.Continuation, isWhole ? Frame.EndHeaders : (byte)0, stream, block);

    public static Frame Data(int stream, string text = "test", bool ends = true) =>
        new(Frame.Data, ends ? Frame.EndStream : (byte)0, stream, Encoding.ASCII.GetBytes(text));

    /// <summary>The end of a body, behind a byte that says how much of its own end is padding.</summary>
    public static Frame PaddedData(int stream, byte padding, string text) =>
        new(Frame.Data, Frame.EndStream | Frame.Padded, stream, [padding, .. Encoding.ASCII.GetBytes(text)]);

    public static Frame Priority(int stream, int dependsOn = 0, byte weight = 255, bool isExclusive = false) =>
        new(Frame.Priority, 0, stream, Dependency(dependsOn, weight, isExclusive));

    public static byte[] Dependency(int dependsOn, byte weight = 255, bool isExclusive = false) =>
        [.. Frame.Bytes(isExclusive ? dependsOn | int.MinValue : dependsOn), weight];

    public static Frame Reset(int stream, Http2ErrorCode code = Http2ErrorCode.Cancel) =>
        new(Frame.Reset, 0, stream, Frame.Bytes((int)code));

    public static Frame Settings(params (Http2Setting Key, uint Value)[] settings) =>
        new(Frame.Settings, 0, 0, [.. settings.SelectMany(each => BytesOf(each.Key, each.Value))]);

    public static Frame Window(uint bytes) => Settings((Http2Setting.InitialWindowSize, bytes));

    /// <summary>With eight characters.</summary>
    public static Frame Ping(string text = "12345678", byte flags = 0) =>
        new(Frame.Ping, flags, 0, Encoding.ASCII.GetBytes(text));

    public static Frame GoAway(Http2ErrorCode code, string told = "") =>
        new(Frame.GoAway, 0, 0, [0, 0, 0, 0, .. Frame.Bytes((int)code), .. Encoding.ASCII.GetBytes(told)]);

    public static Frame WindowUpdate(int stream, int bytes) =>
        new(Frame.WindowUpdate, 0, stream, Frame.Bytes(bytes));

    /// <summary>Of a type that nobody has defined.</summary>
    public static Frame Unknown() => new(0x16, 0, 0, new byte[8]);

    private static byte[] BytesOf(Http2Setting key, uint value) =>
        [(byte)((int)key >> 8), (byte)key, .. Frame.Bytes(unchecked((int)value))];
}
