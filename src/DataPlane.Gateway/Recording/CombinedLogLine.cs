using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The combined log format of Apache and nginx, for the tools that read it: what it has no place for (route, upstream,
/// durations) is not there.
/// </summary>
internal sealed class CombinedLogLine : ILogLineFormat
{
    public bool WantsFields => true;

    public int Write(in LogFields fields, LogClock clock, Span<byte> space)
    {
        clock.Set(fields.StartTimestamp);
        var line = new LogLine(space);
        line.Quoted(OrDash(fields.ClientAddress), RecordingLimits.NameBytes);
        line.Literal(" - - ["u8);
        line.Literal(clock.Common);
        line.Literal("] \""u8);
        RequestLine(ref line, fields);
        line.Literal("\" "u8);
        line.Number(fields.StatusCode);
        line.Literal(" "u8);
        line.Number(fields.BytesSent);
        line.Literal(" \""u8);
        line.Quoted(OrDash(fields.Referer), RecordingLimits.RefererBytes);
        line.Literal("\" \""u8);
        line.Quoted(OrDash(fields.UserAgent), RecordingLimits.UserAgentBytes);
        line.Literal("\"\n"u8);
        return line.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RequestLine(ref LogLine line, in LogFields fields)
    {
        if (fields.Method.IsEmpty)
        {
            line.Literal("-"u8);
            return;
        }
        line.Quoted(fields.Method, RecordingLimits.NameBytes);
        line.Literal(" "u8);
        line.Quoted(fields.Path, RecordingLimits.PathBytes);
        line.Literal(fields.VersionMinor == 0 ? " HTTP/1.0"u8 : " HTTP/1.1"u8);
    }

    private static ReadOnlySpan<byte> OrDash(ReadOnlySpan<byte> value) => value.IsEmpty ? "-"u8 : value;
}
