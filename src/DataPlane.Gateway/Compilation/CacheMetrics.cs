using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>What became of exchanges in the caches of their routes, and the memory. One scrape at a time.</summary>
public sealed class CacheMetrics(SnapshotStore snapshots) : IMetricSource
{
    private static readonly byte[][] s_results =
        [.. Enum.GetNames<CacheResult>().Select(name => MetricLabel.Render("result", name.ToLowerInvariant()))];

    private readonly LabelCache _route = new("route");

    public void Write(PrometheusText text)
    {
        var snapshot = snapshots.Current;
        if (snapshot.Cache is not { } cache) return;
        text.Family("dataplane_cache_requests"u8, MetricKind.Counter, "Requests to routes that cache, by result."u8);
        foreach (var (route, tally) in snapshot.CacheTallies) WriteResults(text, route, tally);
        var counts = cache.Store.Counts;
        text.Family("dataplane_cache_bytes"u8, MetricKind.Gauge, "Memory that stored responses take."u8);
        text.Sample(counts.Bytes);
        text.Family("dataplane_cache_capacity_bytes"u8, MetricKind.Gauge, "Memory that they may take."u8);
        text.Sample(counts.CapacityBytes);
        text.Family("dataplane_cache_entries"u8, MetricKind.Gauge, "Stored responses."u8);
        text.Sample(counts.Entries);
        text.Family("dataplane_cache_saved_bytes"u8, MetricKind.Gauge, "Memory saved by compression."u8);
        text.Sample(counts.SavedBytes);
        text.Family("dataplane_cache_fills"u8, MetricKind.Gauge, "Responses on their way into the cache."u8);
        text.Sample(counts.FillsUnderWay);
        text.Family("dataplane_cache_waiting"u8, MetricKind.Gauge, "Requests waiting for another one's response."u8);
        text.Sample(cache.Waiting);
        text.Family("dataplane_cache_evictions"u8, MetricKind.Counter, "Responses that made room for others."u8);
        text.Sample(counts.EvictionsTotal);
        text.Family("dataplane_cache_purged"u8, MetricKind.Counter, "Responses taken out by purges and changes."u8);
        text.Sample(counts.PurgedTotal);
        text.Family("dataplane_cache_refused"u8, MetricKind.Counter,
            "Responses not stored for want of memory, or because a purge came first."u8);
        text.Sample(counts.RefusedTotal);
    }

    private void WriteResults(PrometheusText text, string route, CacheTally tally)
    {
        // The first is for routes without a cache.
        for (int result = 1; result < s_results.Length; result++)
        {
            long count = tally.Read((CacheResult)result);
            if (count > 0) text.Sample(count, _route.Of(route), s_results[result]);
        }
    }
}
