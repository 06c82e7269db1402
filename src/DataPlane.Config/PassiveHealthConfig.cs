using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Endpoints that fail exchanges are left out for a while.</summary>
public sealed record PassiveHealthConfig
{
    /// <summary>Failures in a row that eject; 0 switches off.</summary>
    public int Failures { get; init; } = 5;

    /// <summary>Share of failures within <see cref="Window"/> that ejects, 0 to 1; 0 switches off.</summary>
    public double ErrorRatio { get; init; } = 0.5;

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Exchanges in a window below which its ratio says nothing.</summary>
    public int Minimum { get; init; } = 20;

    /// <summary>How long the first ejection lasts; the second twice, the third three times as long.</summary>
    public TimeSpan Ejection { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan MaximumEjection { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Share of the endpoints that may be ejected at once, 0 to 1; never the last one.</summary>
    public double MaximumEjected { get; init; } = 0.5;

    /// <summary>Statuses of the endpoint that are failures, besides the failure to answer.</summary>
    public ImmutableArray<StatusRange> Statuses { get; init; } = [new StatusRange(500, 599)];
}
