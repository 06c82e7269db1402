namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>A histogram shown with some of the bounds it was recorded with, in another unit.</summary>
internal sealed class HistogramView
{
    private readonly HistogramBounds _shown;
    private readonly int[] _bucketOf;
    private readonly double _unitsPerTick;

    public HistogramView(HistogramBounds recorded, double[] seconds, long ticksPerSecond, double scale)
    {
        _shown = new HistogramBounds(seconds, ticksPerSecond, scale);
        _unitsPerTick = scale / ticksPerSecond;
        _bucketOf = new int[recorded.BucketCount];
        for (int each = 0; each < _bucketOf.Length; each++)
        {
            long bound = each < recorded.Ticks.Length ? recorded.Ticks[each] : long.MaxValue;
            int shown = 0;
            while (shown < _shown.Ticks.Length && _shown.Ticks[shown] < bound) shown++;
            _bucketOf[each] = shown;
        }
    }

    public void Write(PrometheusText text, HistogramSum sum, byte[] labels)
    {
        Span<long> counts = stackalloc long[_shown.BucketCount];
        counts.Clear();
        for (int each = 0; each < _bucketOf.Length; each++) counts[_bucketOf[each]] += sum.Counts[each];
        text.Histogram(_shown, counts, sum.SumTicks * _unitsPerTick, labels);
    }
}
