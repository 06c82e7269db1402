using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class LatencyHistogramTests
{
    private static readonly HistogramBounds s_bounds = new(HistogramBounds.Standard, 1_000_000);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(500, 0)]
    [InlineData(501, 1)]
    [InlineData(1_000, 1)]
    [InlineData(5_000, 3)]
    [InlineData(5_001, 4)]
    [InlineData(10_000_000, 16)]
    [InlineData(10_000_001, 17)]
    [InlineData(long.MaxValue, 17)]
    public void DurationInTicks_FallsIntoTheFirstBucketThatHoldsIt(long ticks, int bucket)
    {
        var (counts, _) = Record(ticks);
        Assert.Equal(1, counts[bucket]);
        Assert.Equal(1, counts.Sum());
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    [InlineData(1_000_000_000)]
    public void AnyDuration_FallsWhereASearchFromBelowFindsIt(long ticksPerSecond)
    {
        var bounds = new HistogramBounds(HistogramBounds.Standard, ticksPerSecond);
        var near = bounds.Ticks.SelectMany(bound => new[] { bound - 1, bound, bound + 1 });
        var powers = Enumerable.Range(0, 63).Select(bits => 1L << bits)
            .SelectMany(power => new[] { power - 1, power, power + 1 });
        var histogram = new LatencyHistogram(bounds);
        Assert.All([-1, 0, .. near, .. powers], ticks => Assert.Equal(
            bounds.Ticks.TakeWhile(bound => ticks > bound).Count(), histogram.Record(ticks)));
    }

    [Fact]
    public void SeveralDurations_SumIsTheirs()
    {
        var (counts, sum) = Record(100, 200, 2_000_000);
        Assert.Equal(2_000_300, sum);
        Assert.Equal(3, counts.Sum());
    }

    [Fact]
    public void Bounds_AreOpenTelemetrysWithFinerOnesBelow()
    {
        double[] openTelemetry = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
        Assert.Equal([0.0005, 0.001, 0.0025, .. openTelemetry], HistogramBounds.Standard);
        Assert.Equal(s_bounds.BucketCount, HistogramBounds.Standard.Length + 1);
    }

    private static (long[] Counts, long SumTicks) Record(params long[] ticks)
    {
        var histogram = new LatencyHistogram(s_bounds);
        foreach (long each in ticks) histogram.Record(each);
        var counts = new long[s_bounds.BucketCount];
        long sum = 0;
        histogram.AddTo(counts, ref sum);
        return (counts, sum);
    }
}
