namespace DataPlane.Gateway.Recording;

/// <summary>The two text expositions that scrapers read.</summary>
public enum PrometheusFormat : byte
{
    /// <summary>Prometheus text, version 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics text, version 1.0.0.</summary>
    OpenMetrics,
}
