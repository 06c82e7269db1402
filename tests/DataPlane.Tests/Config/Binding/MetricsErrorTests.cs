using DataPlane.Config;

namespace DataPlane.Tests.Config.Binding;

public sealed class MetricsErrorTests
{
    [Fact]
    public void NothingWritten_IsTheDefaults()
    {
        var metrics = ConfigText.Config("routes: []").Metrics;
        Assert.Equal((50_000, TimeSpan.FromMinutes(10)), (metrics.SeriesLimit, metrics.ExpireAfter));
        Assert.Empty(metrics.Buckets);
        Assert.Empty(metrics.Compatibility);
    }

    [Fact]
    public void EveryKey_IsRead()
    {
        var metrics = ConfigText.Config(
            """
            metrics:
              { seriesLimit: 200, expireAfter: 1m, buckets: [0.0005, 1, 2.5], compatibility: [kong, nginx, kong] }
            """).Metrics;
        Assert.Equal((200, TimeSpan.FromMinutes(1)), (metrics.SeriesLimit, metrics.ExpireAfter));
        Assert.Equal([0.0005, 1.0, 2.5], metrics.Buckets.ToArray());
        Assert.Equal([MetricNames.Kong, MetricNames.Nginx], metrics.Compatibility.ToArray());
    }

    [Fact]
    public void BucketsOutOfOrder_AreRefused() => ConfigText.Fails(
        """
        metrics: { buckets: [1, 0.5, x], compatibility: [ingen] }
        """,
        "g.yaml:1:25: metrics.buckets[1]: is not above the one before; write bounds in ascending order, above 0",
        "g.yaml:1:30: metrics.buckets[2]: 'x' is not a number; write a number from 0 to 3600",
        "g.yaml:1:50: metrics.compatibility[0]: "
            + "'ingen' is not known here; write one of: opentelemetry, traefik, kong, nginx");

    [Fact]
    public void LimitOutOfRange_IsRefused() => ConfigText.Fails(
        """
        metrics: { seriesLimit: 1 }
        """,
        "g.yaml:1:25: metrics.seriesLimit: '1' is out of range; write a value from 100 to 1000000");
}
