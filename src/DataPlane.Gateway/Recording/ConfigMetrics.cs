namespace DataPlane.Gateway.Recording;

/// <summary>Which configuration is in force and whether the last one offered was taken. Any thread.</summary>
public sealed class ConfigMetrics : IMetricSource
{
    private long _generation;
    private volatile bool _lastSucceeded;

    /// <summary>A snapshot was published; generations count from 1.</summary>
    public void Applied(long generation)
    {
        Volatile.Write(ref _generation, generation);
        _lastSucceeded = true;
    }

    /// <summary>A configuration was refused: the one before still serves.</summary>
    public void Refused() => _lastSucceeded = false;

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_config_generation"u8, MetricKind.Gauge, "Number of the configuration in force."u8);
        text.Sample(Volatile.Read(ref _generation));
        text.Family("dataplane_config_last_reload_success"u8, MetricKind.Gauge,
            "1 when the last configuration offered was taken, 0 when it was refused."u8);
        text.Sample(_lastSucceeded ? 1L : 0L);
    }
}
