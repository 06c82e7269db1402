namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// Histogram bounds of the products. Exchanges are counted once, under all bounds that any of them has; each product's
/// own are then read from those.
/// </summary>
internal sealed class CompatibleBounds
{
    private static readonly double[] s_openTelemetry =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private static readonly double[] s_traefik = [0.1, 0.3, 1.2, 5];

    private static readonly double[] s_kong =
        [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.08, 0.1, 0.25, 0.4, 0.7, 1, 2, 5, 10, 30, 60];

    public CompatibleBounds(long ticksPerSecond)
    {
        double[] all = [.. s_openTelemetry.Concat(s_traefik).Concat(s_kong).Distinct().Order()];
        Recorded = new HistogramBounds(all, ticksPerSecond);
        OpenTelemetry = new HistogramView(Recorded, s_openTelemetry, ticksPerSecond, scale: 1);
        Traefik = new HistogramView(Recorded, s_traefik, ticksPerSecond, scale: 1);
        Kong = new HistogramView(Recorded, s_kong, ticksPerSecond, scale: 1000);
    }

    public HistogramBounds Recorded { get; }

    /// <summary>In seconds, as http.server.request.duration has them.</summary>
    public HistogramView OpenTelemetry { get; }

    /// <summary>In seconds, its defaults.</summary>
    public HistogramView Traefik { get; }

    /// <summary>In milliseconds.</summary>
    public HistogramView Kong { get; }
}
