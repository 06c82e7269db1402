using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The Common Log Format, or the combined one of Apache and nginx, for the tools that read them: what they have no
/// place for (route, upstream, durations) is not there.
/// </summary>
internal sealed class CombinedLogLine(bool withFields) : ILogLineFormat
{
    /// <summary>Escaped values at their limits, and our own words and numbers.</summary>
    private const int MostBytes = RecordingLimits.NameBytes * 2 + RecordingLimits.PathBytes
        + RecordingLimits.QueryBytes + RecordingLimits.RefererBytes + RecordingLimits.UserAgentBytes
        + RecordingLimits.OwnBytes;

    public bool WantsFields => withFields;

    public int Write(in LogFields fields, LogClock clock, Span<byte> space)
    {
        clock.Set(fields.StartTimestamp);
        var line = new LogLine(space, MostBytes);
        line.Quoted(OrDash(fields.ClientAddress), RecordingLimits.NameBytes);
        line.Literal(" - - ["u8);
        line.Literal(clock.Common);
        line.Literal("] \""u8);
        RequestLine(ref line, fields);
        line.Literal("\" "u8);
        line.Number(fields.StatusCode);
        line.Literal(" "u8);
        line.Number(fields.BytesSent);
        if (withFields) Fields(ref line, fields);
        line.Byte((byte)'\n');
        return line.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fields(ref LogLine line, in LogFields fields)
    {
        line.Literal(" \""u8);
        line.Quoted(OrDash(fields.Referer), RecordingLimits.RefererBytes);
        line.Literal("\" \""u8);
        line.Quoted(OrDash(fields.UserAgent), RecordingLimits.UserAgentBytes);
        line.Byte((byte)'"');
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
        if (!fields.Query.IsEmpty)
        {
            line.Byte((byte)'?');
            line.Quoted(fields.Query, RecordingLimits.QueryBytes);
        }
        line.Byte((byte)' ');
        line.Literal(fields.Protocol);
    }

    private static ReadOnlySpan<byte> OrDash(ReadOnlySpan<byte> value) => value.IsEmpty ? "-"u8 : value;
}
