using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Which exchanges are logged. Each share is 0 to 1.</summary>
public sealed record LogSamplingConfig
{
    public double Default { get; init; } = 1;

    /// <summary>
    /// Of exchanges that ended with 500 or above, or broke off by the upstream's or the gateway's fault.
    /// </summary>
    public double Errors { get; init; } = 1;

    /// <summary>Of exchanges that ended with 400 to 499; null: like all others.</summary>
    public double? ClientErrors { get; init; }

    /// <summary>Of a route's other exchanges, by its id.</summary>
    public ImmutableArray<RouteShare> Routes { get; init; } = [];
}
