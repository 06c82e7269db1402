namespace DataPlane.Gateway.Recording;

/// <summary>
/// Upper bounds of a histogram's buckets, ascending: in ticks for who records, as rendered <c>le</c> labels for who
/// writes. Immutable; any thread.
/// </summary>
public sealed class HistogramBounds
{
    /// <summary>
    /// In seconds. From 5 ms on those OpenTelemetry gives http.server.request.duration, so that its dashboards work;
    /// three finer ones below, because a gateway's own time is under a millisecond.
    /// </summary>
    public static readonly double[] Standard =
    [
        0.0005, 0.001, 0.0025,
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ];

    /// <summary>Bounds in seconds, shown multiplied by <paramref name="scale"/>: 1000 shows milliseconds.</summary>
    public HistogramBounds(ReadOnlySpan<double> seconds, long ticksPerSecond, double scale = 1)
    {
        Ticks = new long[seconds.Length];
        Labels = new byte[seconds.Length + 1][];
        for (int each = 0; each < seconds.Length; each++)
        {
            Ticks[each] = (long)Math.Floor(seconds[each] * ticksPerSecond);
            // One spelling in both formats, so that a scraper sees one series.
            Labels[each] = MetricLabel.Render("le", $"{Math.Round(seconds[each] * scale, 6):0.0#####}");
        }
        Labels[^1] = MetricLabel.Render("le", "+Inf");
        for (int bits = 0; bits < FirstBuckets.Length; bits++)
        {
            long least = bits == 0 ? 0 : 1L << bits;
            FirstBuckets[bits] = Ticks.Count(bound => bound < least);
        }
    }

    public long[] Ticks { get; }

    /// <summary>
    /// The first bucket that a duration can fall into, by the logarithm of its ticks: from there on there are few left
    /// to look at.
    /// </summary>
    public int[] FirstBuckets { get; } = new int[63];

    /// <summary>One per bucket; the last is +Inf.</summary>
    public byte[][] Labels { get; }

    /// <summary>Bounds and the bucket above the last of them.</summary>
    public int BucketCount => Labels.Length;

    /// <summary>Lines of one exposed series: its buckets, sum and count.</summary>
    public int LineCount => BucketCount + 2;
}
