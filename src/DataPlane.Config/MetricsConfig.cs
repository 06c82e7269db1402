using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>What <c>/metrics</c> shows.</summary>
public sealed record MetricsConfig
{
    /// <summary>Lines one metric may have; the rest is folded into <c>_other</c>.</summary>
    public int SeriesLimit { get; init; } = 50_000;

    /// <summary>Series of what left the configuration stay for so long.</summary>
    public TimeSpan ExpireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Upper bounds of the duration histograms in seconds, ascending; empty for the standard ones.</summary>
    public ImmutableArray<double> Buckets { get; init; } = [];

    /// <summary>Names of other products that are shown as well.</summary>
    public ImmutableArray<MetricNames> Compatibility { get; init; } = [];
}
