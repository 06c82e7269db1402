namespace DataPlane.Gateway.Recording;

/// <summary>The youngest exemplar of each bucket over loops, while a page is written.</summary>
internal sealed class ExemplarSum(int buckets, TimeProvider time)
{
    private readonly byte[] _traceIds = new byte[buckets * Exemplars.TraceIdBytes];
    private readonly long[] _valueTicks = new long[buckets];
    private readonly long[] _timestamps = new long[buckets];
    private long _nowTimestamp;
    private double _nowSeconds;

    public void Clear()
    {
        Array.Fill(_timestamps, long.MinValue);
        _nowTimestamp = time.GetTimestamp();
        _nowSeconds = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
    }

    public void Add(Exemplars exemplars)
    {
        for (int bucket = 0; bucket < _timestamps.Length; bucket++)
        {
            var traceId = _traceIds.AsSpan(bucket * Exemplars.TraceIdBytes, Exemplars.TraceIdBytes);
            if (!exemplars.TryRead(bucket, _timestamps[bucket], traceId, out long value, out long timestamp)) continue;
            _valueTicks[bucket] = value;
            _timestamps[bucket] = timestamp;
        }
    }

    /// <summary>False when the bucket has none. Seconds; the time is since the epoch.</summary>
    public bool TryGet(int bucket, out ReadOnlySpan<byte> traceId, out double value, out double atSeconds)
    {
        traceId = _traceIds.AsSpan(bucket * Exemplars.TraceIdBytes, Exemplars.TraceIdBytes);
        double perTick = 1.0 / time.TimestampFrequency;
        value = _valueTicks[bucket] * perTick;
        atSeconds = _nowSeconds - ((_nowTimestamp - _timestamps[bucket]) * perTick);
        return _timestamps[bucket] != long.MinValue;
    }
}
