using System.Runtime.CompilerServices;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// One JSON object per line. Absent fields are left out; strings are valid UTF-8 whatever the client sent.
/// </summary>
internal sealed class JsonLogLine(TimeProvider time) : ILogLineFormat
{
    /// <summary>Escaped values at their limits, and our own names, numbers and words.</summary>
    private const int MostBytes = RecordingLimits.NameBytes + RecordingLimits.HostBytes + RecordingLimits.PathBytes
        + RecordingLimits.QueryBytes + RecordingLimits.OwnBytes;

    private readonly double _microsecondsPerTick = 1e6 / time.TimestampFrequency;

    public bool WantsFields => false;

    public int Write(in LogFields fields, LogClock clock, Span<byte> space)
    {
        clock.Set(fields.StartTimestamp);
        var line = new LogLine(
            space,
            MostBytes + fields.RequestId.Length + fields.ClientAddress.Length + fields.RouteJson.Length
            + fields.EndpointJson.Length + fields.TraceId.Length);
        line.Literal(clock.JsonStart);
        Plain(ref line, ",\"requestId\":\""u8, fields.RequestId);
        Plain(ref line, ",\"client\":\""u8, fields.ClientAddress);
        Text(ref line, ",\"method\":\""u8, fields.Method, RecordingLimits.NameBytes);
        Text(ref line, ",\"host\":\""u8, fields.Host, RecordingLimits.HostBytes);
        Text(ref line, ",\"path\":\""u8, fields.Path, RecordingLimits.PathBytes);
        Text(ref line, ",\"query\":\""u8, fields.Query, RecordingLimits.QueryBytes);
        if (fields.IsHttp2) Plain(ref line, ",\"protocol\":\""u8, fields.Protocol);
        line.Literal(fields.RouteJson);
        line.Literal(",\"status\":"u8);
        line.Number(fields.StatusCode);
        if (fields.GrpcStatus is { } grpcStatus)
        {
            line.Literal(",\"grpcStatus\":"u8);
            line.Number(grpcStatus);
        }
        if (fields.Cache != CacheResult.None)
        {
            line.Literal(",\"cache\":\""u8);
            line.Literal(CacheResults.Label(fields.Cache));
            line.Literal("\""u8);
        }
        line.Literal(",\"bytesIn\":"u8);
        line.Number(fields.BytesReceived);
        line.Literal(",\"bytesOut\":"u8);
        line.Number(fields.BytesSent);
        line.Literal(",\"totalSeconds\":"u8);
        Duration(ref line, fields.TotalTicks);
        if (!fields.EndpointJson.IsEmpty) Upstream(ref line, fields);
        line.Literal(LogFragments.Of(fields.Outcome));
        Plain(ref line, ",\"traceId\":\""u8, fields.TraceId);
        line.Literal("}\n"u8);
        return line.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plain(ref LogLine line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return;
        line.Literal(name);
        line.Literal(value);
        line.Byte((byte)'"');
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Text(ref LogLine line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int maxBytes)
    {
        if (value.IsEmpty) return;
        line.Literal(name);
        line.Json(value, maxBytes);
        line.Byte((byte)'"');
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Upstream(ref LogLine line, in LogFields fields)
    {
        line.Literal(",\"ownSeconds\":"u8);
        Duration(ref line, fields.OwnTicks);
        line.Literal(fields.EndpointJson);
        line.Number(fields.Tries);
        line.Literal(",\"upstreamSeconds\":"u8);
        Duration(ref line, fields.UpstreamTicks);
        if (fields.ConnectTicks == 0)
        {
            // Most exchanges find a connection that is open.
            line.Literal(",\"connectSeconds\":0.000000,\"firstByteSeconds\":"u8);
        }
        else
        {
            line.Literal(",\"connectSeconds\":"u8);
            Duration(ref line, fields.ConnectTicks);
            line.Literal(",\"firstByteSeconds\":"u8);
        }
        Duration(ref line, fields.FirstByteTicks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Duration(ref LogLine line, long ticks) =>
        line.Seconds(double.ConvertToIntegerNative<long>(ticks * _microsecondsPerTick));
}
