using System.Runtime.CompilerServices;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// Counts exchanges once more, the way other products do, for <c>metrics.compatibility</c>. There is one only when the
/// configuration asks for it. Record: loop thread, 0 bytes after the first exchange of a key. Write: one scrape at a
/// time; allocates little.
/// </summary>
public sealed class CompatibilityRecorder : IExchangeRecorder, IMetricSource
{
    private readonly CompatibleShard[] _shards;
    private readonly List<IProductNames> _products = [];
    private readonly ISeriesScope _scope;
    private readonly TimeProvider _time;
    private readonly TimeSpan _expireAfter;

    public CompatibilityRecorder(
        int loops, TimeProvider time, IReadOnlyList<Config.MetricNames> products, MetricsSettings settings,
        ISeriesScope scope)
    {
        _scope = scope;
        _time = time;
        _expireAfter = settings.ExpireAfter;
        var bounds = new CompatibleBounds(time.TimestampFrequency);
        var names = new CompatibleNames();
        _shards = new CompatibleShard[loops];
        for (int each = 0; each < loops; each++) _shards[each] = new CompatibleShard(names, bounds.Recorded);
        foreach (var product in products)
        {
            _products.Add(product switch
            {
                Config.MetricNames.OpenTelemetry => new OpenTelemetryNames(bounds, names),
                Config.MetricNames.Traefik => new TraefikNames(bounds, names),
                Config.MetricNames.Nginx => new NginxNames(bounds),
                _ => new KongNames(bounds, names),
            });
        }
    }

    // Not in the caller's frame, which would be cleared as a whole for each exchange.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Record(in ExchangeRecord record)
    {
        var sample = ExchangeFields.ToMetricSample(record);
        _shards[sample.Shard].Record(sample);
    }

    public void Write(PrometheusText text)
    {
        foreach (var product in _products)
        {
            foreach (var group in product.Groups) group.Clear();
        }
        _scope.Refresh();
        foreach (var shard in _shards) Sum(shard);
        foreach (var product in _products) product.Write(text);
    }

    private void Sum(CompatibleShard shard)
    {
        foreach (var (key, row) in shard.Rows)
        {
            if (key.Route < 0 || _scope.HasRoute(key.Route)) row.AbsentSince = null;
            else if (_time.GetElapsedTime(row.AbsentSince ??= _time.GetTimestamp()) >= _expireAfter)
            {
                shard.Remove(key);
                continue;
            }
            foreach (var product in _products)
            {
                foreach (var group in product.Groups) group.Add(key, row);
            }
        }
    }
}
