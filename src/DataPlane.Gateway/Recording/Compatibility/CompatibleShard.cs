using System.Collections.Concurrent;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// What one loop counts for other products' names. The owning loop records: 0 bytes but for the first exchange of a
/// key. Any thread reads and removes rows; a removed row's exchange under way loses its count.
/// </summary>
internal sealed class CompatibleShard(CompatibleNames names, HistogramBounds bounds)
{
    /// <summary>Where exchanges go whose key came after the limit.</summary>
    private static readonly CompatibleKey s_other = new(-1, -1, -1, default, 0);

    private readonly ConcurrentDictionary<CompatibleKey, CompatibleRow> _rows = new();

    // The name of an endpoint's upstream is looked up once, then its index is at hand.
    private int[] _upstreamOf = [];
    private int _count;

    public IEnumerable<KeyValuePair<CompatibleKey, CompatibleRow>> Rows => _rows;

    public void Record(in MetricSample sample)
    {
        int status = sample.StatusCode != 0 ? sample.StatusCode : ErrorTable.Of(sample.Outcome).StatusCode;
        var key = new CompatibleKey(
            sample.ListenerIndex, sample.RouteIndex, UpstreamOf(sample), sample.Method, status);
        var row = _rows.TryGetValue(key, out var known) ? known : Add(key, sample);
        row.Record(sample);
    }

    public void Remove(CompatibleKey key)
    {
        if (_rows.TryRemove(key, out _)) Interlocked.Decrement(ref _count);
    }

    private int UpstreamOf(in MetricSample sample)
    {
        int endpoint = sample.EndpointIndex;
        if (endpoint < 0) return -1;
        if (endpoint < _upstreamOf.Length && _upstreamOf[endpoint] > 0) return _upstreamOf[endpoint] - 1;
        if (endpoint >= _upstreamOf.Length) Array.Resize(ref _upstreamOf, Math.Max(16, endpoint * 2));
        int upstream = names.UpstreamOf(sample.UpstreamName);
        _upstreamOf[endpoint] = upstream + 1;
        return upstream;
    }

    private CompatibleRow Add(CompatibleKey key, in MetricSample sample)
    {
        if (Volatile.Read(ref _count) >= RecordingLimits.CompatibleRows) key = s_other;
        names.Learn(key, sample);
        if (_rows.TryGetValue(key, out var other)) return other;
        Interlocked.Increment(ref _count);
        return _rows.GetOrAdd(key, new CompatibleRow(bounds));
    }
}
