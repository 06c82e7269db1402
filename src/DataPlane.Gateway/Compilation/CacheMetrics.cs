using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Caching.Store;
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
        text.Family("dataplane_cache_requests"u8, MetricKind.Counter, "Requests to routes that cache, by result."u8);
        foreach (var (route, tally) in snapshot.CacheTallies) WriteResults(text, route, tally);
        var counts = snapshot.Cache?.Store.Counts;
        Gauge(text, "dataplane_cache_bytes"u8, "Memory that stored responses take."u8, counts?.Bytes);
        Gauge(text, "dataplane_cache_capacity_bytes"u8, "Memory that they may take."u8, counts?.CapacityBytes);
        Gauge(text, "dataplane_cache_entries"u8, "Stored responses."u8, counts?.Entries);
        Gauge(text, "dataplane_cache_saved_bytes"u8, "Memory saved by compression."u8, counts?.SavedBytes);
        Gauge(text, "dataplane_cache_fills"u8, "Responses on their way into the cache."u8, counts?.FillsUnderWay);
        Gauge(text, "dataplane_cache_waiting"u8, "Requests waiting for another one's response."u8,
            snapshot.Cache?.Waiting);
        Counter(text, "dataplane_cache_evictions"u8, "Responses that made room for others."u8, counts?.EvictionsTotal);
        Counter(text, "dataplane_cache_purged"u8, "Responses taken out by purges and changes."u8, counts?.PurgedTotal);
        Counter(text, "dataplane_cache_refused"u8,
            "Responses not stored for want of memory, or because a purge came first."u8, counts?.RefusedTotal);
        WriteDisk(text, snapshot.Cache?.Store.Disk?.Counts);
    }

    private static void WriteDisk(PrometheusText text, DiskCounts? counts)
    {
        Gauge(text, "dataplane_cache_disk_bytes"u8, "Bytes of the responses on disk."u8, counts?.Bytes);
        Gauge(text, "dataplane_cache_disk_capacity_bytes"u8, "Bytes that the file may have."u8, counts?.CapacityBytes);
        Gauge(text, "dataplane_cache_disk_entries"u8, "Responses on disk, or on their way there."u8, counts?.Entries);
        Counter(text, "dataplane_cache_disk_hits"u8, "Responses that came back from disk."u8, counts?.HitsTotal);
        Counter(text, "dataplane_cache_disk_misses"u8, "Look-ups that found nothing on disk either."u8,
            counts?.MissesTotal);
        Counter(text, "dataplane_cache_disk_writes"u8, "Responses written to disk."u8, counts?.WritesTotal);
        Counter(text, "dataplane_cache_disk_dropped"u8, "Responses that left memory and were not written."u8,
            counts?.DroppedTotal);
        Counter(text, "dataplane_cache_disk_errors"u8, "Failures of the disk, and damaged records."u8,
            counts?.ErrorsTotal);
    }

    private static void Gauge(PrometheusText text, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, long? value) =>
        Write(text, name, MetricKind.Gauge, help, value);

    private static void Counter(PrometheusText text, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, long? value) =>
        Write(text, name, MetricKind.Counter, help, value);

    private static void Write(
        PrometheusText text, ReadOnlySpan<byte> name, MetricKind kind, ReadOnlySpan<byte> help, long? value)
    {
        text.Family(name, kind, help);
        // Without a cache there is nothing to tell.
        if (value is { } known) text.Sample(known);
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
