namespace DataPlane.Gateway.Recording;

/// <summary>
/// One JSON object per line. Absent fields are left out; strings are valid UTF-8 whatever the client sent.
/// </summary>
internal sealed class JsonLogLine(TimeProvider time) : ILogLineFormat
{
    private readonly double _microsecondsPerTick = 1e6 / time.TimestampFrequency;

    public int Write(in LogFields fields, LogClock clock, Span<byte> space)
    {
        clock.Set(fields.StartTimestamp);
        var line = new LogLine(space);
        line.Literal("{\"time\":\""u8);
        line.Literal(clock.Rfc3339);
        line.Byte((byte)'"');
        Text(ref line, ",\"requestId\":\""u8, fields.RequestId, RecordingLimits.NameBytes);
        Text(ref line, ",\"client\":\""u8, fields.ClientAddress, RecordingLimits.NameBytes);
        Text(ref line, ",\"method\":\""u8, fields.Method, RecordingLimits.NameBytes);
        Text(ref line, ",\"host\":\""u8, fields.Host, RecordingLimits.HostBytes);
        Text(ref line, ",\"path\":\""u8, fields.Path, RecordingLimits.PathBytes);
        Text(ref line, ",\"route\":\""u8, fields.Route, RecordingLimits.NameBytes);
        line.Literal(",\"status\":"u8);
        line.Number(fields.StatusCode);
        line.Literal(",\"bytesIn\":"u8);
        line.Number(fields.BytesReceived);
        line.Literal(",\"bytesOut\":"u8);
        line.Number(fields.BytesSent);
        Duration(ref line, ",\"totalSeconds\":"u8, fields.TotalTicks);
        if (!fields.Upstream.IsEmpty) Upstream(ref line, fields);
        Text(ref line, ",\"outcome\":\""u8, fields.Outcome, RecordingLimits.NameBytes);
        Text(ref line, ",\"side\":\""u8, fields.Side, RecordingLimits.NameBytes);
        Text(ref line, ",\"traceId\":\""u8, fields.TraceId, RecordingLimits.NameBytes);
        line.Literal("}\n"u8);
        return line.Length;
    }

    private static void Text(ref LogLine line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int maxBytes)
    {
        if (value.IsEmpty) return;
        line.Literal(name);
        line.Json(value, maxBytes);
        line.Byte((byte)'"');
    }

    private void Upstream(ref LogLine line, in LogFields fields)
    {
        Text(ref line, ",\"upstream\":\""u8, fields.Upstream, RecordingLimits.NameBytes);
        Text(ref line, ",\"endpoint\":\""u8, fields.Endpoint, RecordingLimits.EndpointBytes);
        line.Literal(",\"tries\":"u8);
        line.Number(fields.Tries);
        Duration(ref line, ",\"upstreamSeconds\":"u8, fields.UpstreamTicks);
        Duration(ref line, ",\"connectSeconds\":"u8, fields.ConnectTicks);
        Duration(ref line, ",\"firstByteSeconds\":"u8, fields.FirstByteTicks);
    }

    private void Duration(ref LogLine line, ReadOnlySpan<byte> name, long ticks)
    {
        line.Literal(name);
        line.Seconds((long)(ticks * _microsecondsPerTick));
    }
}
