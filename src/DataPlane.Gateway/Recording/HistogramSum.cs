namespace DataPlane.Gateway.Recording;

/// <summary>The sum of histograms while a page is written: of one series over loops, or of what was folded.</summary>
internal sealed class HistogramSum(HistogramBounds bounds)
{
    private readonly long[] _counts = new long[bounds.BucketCount];
    private long _sumTicks;

    public HistogramBounds Bounds => bounds;

    public ReadOnlySpan<long> Counts => _counts;

    public long SumTicks => _sumTicks;

    public void Clear()
    {
        Array.Clear(_counts);
        _sumTicks = 0;
    }

    public void Add(LatencyHistogram histogram) => histogram.AddTo(_counts, ref _sumTicks);

    public void Add(HistogramSum other)
    {
        for (int bucket = 0; bucket < _counts.Length; bucket++) _counts[bucket] += other._counts[bucket];
        _sumTicks += other._sumTicks;
    }
}
