using System.Runtime.CompilerServices;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Counts every exchange in its loop's shard, and writes those counts when a page is scraped. Record: loop thread,
/// 0 bytes after the first exchange of a series. Write: any thread, one at a time.
/// </summary>
public sealed class MetricsRecorder(
    int loops, TimeProvider time, MetricsSettings? settings = null, ISeriesScope? scope = null)
    : IExchangeRecorder, IMetricSource
{
    private readonly ExchangeMetrics _metrics = new(loops, time, settings, scope);

    // Not in the caller's frame, which would be cleared as a whole for each exchange.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Record(in ExchangeRecord record)
    {
        var sample = ExchangeFields.ToMetricSample(record);
        _metrics.Record(sample);
    }

    /// <summary>As <see cref="ExchangeMetrics.Follow"/>.</summary>
    public void Follow(MetricsSettings settings) => _metrics.Follow(settings);

    public void Write(PrometheusText text) => _metrics.Write(text);
}
