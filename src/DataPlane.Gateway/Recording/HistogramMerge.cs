namespace DataPlane.Gateway.Recording;

/// <summary>The sum of one series' histograms over loops, while a page is written.</summary>
internal sealed class HistogramMerge
{
    private readonly long[] _counts = new long[LatencyBounds.BucketCount];
    private byte[]? _label;
    private long _sumTicks;

    public void Clear()
    {
        Array.Clear(_counts);
        _label = null;
        _sumTicks = 0;
    }

    public void Add(byte[] label, LatencyHistogram histogram)
    {
        _label = label;
        histogram.AddTo(_counts, ref _sumTicks);
    }

    /// <summary>Writes nothing when nothing was added.</summary>
    public void Write(PrometheusText text, double secondsPerTick)
    {
        if (_label is not null) text.Histogram(_counts, _sumTicks * secondsPerTick, _label);
    }
}
