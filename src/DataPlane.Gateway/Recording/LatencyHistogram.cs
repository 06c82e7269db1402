using System.Numerics;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Durations of one loop in fixed buckets. The owning loop records, any thread reads; 0 bytes per record. A reader may
/// see a count whose duration is not in the sum yet: the next read has both. The total count is the sum of the buckets
/// it read, so that what is exposed always adds up.
/// </summary>
internal sealed class LatencyHistogram(HistogramBounds bounds)
{
    private readonly long[] _boundTicks = bounds.Ticks;
    private readonly int[] _firstBuckets = bounds.FirstBuckets;
    private readonly CounterBlock _cells = new(bounds.BucketCount + 1);

    /// <summary>
    /// Returns the bucket it counted in. The owning loop's thread only. A bound belongs to its bucket (le), as
    /// Prometheus has it.
    /// </summary>
    public int Record(long ticks)
    {
        // Nothing is below 0 but the difference of two clocks' readings.
        var boundTicks = _boundTicks;
        int bucket = _firstBuckets[BitOperations.Log2((ulong)Math.Max(0, ticks))];
        while (bucket < boundTicks.Length && ticks > boundTicks[bucket]) bucket++;
        _cells.Add(bucket, 1);
        _cells.Add(boundTicks.Length + 1, ticks);
        return bucket;
    }

    /// <summary>
    /// Adds this loop's counts, one per bucket and not cumulated, and its ticks to a sum over loops. Any thread.
    /// </summary>
    public void AddTo(Span<long> counts, ref long sumTicks)
    {
        for (int bucket = 0; bucket < counts.Length; bucket++) counts[bucket] += _cells.Read(bucket);
        sumTicks += _cells.Read(counts.Length);
    }
}
