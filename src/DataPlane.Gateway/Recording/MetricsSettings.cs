using DataPlane.Config;

namespace DataPlane.Gateway.Recording;

/// <summary>The configuration of <c>/metrics</c>.</summary>
public sealed record MetricsSettings
{
    /// <summary>
    /// Lines one metric may have, a histogram's buckets each counted; more share a series <c>_other</c>.
    /// </summary>
    public int SeriesLimit { get; init; } = 50_000;

    /// <summary>Series leave the page when the configuration has lacked their route or endpoint for so long.</summary>
    public TimeSpan ExpireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Upper bounds of the duration histograms in seconds, ascending.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = HistogramBounds.Standard;

    public static MetricsSettings Of(MetricsConfig config) => new()
    {
        SeriesLimit = config.SeriesLimit,
        ExpireAfter = config.ExpireAfter,
        Buckets = config.Buckets.IsEmpty ? HistogramBounds.Standard : config.Buckets,
    };
}
