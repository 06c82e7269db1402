namespace DataPlane.Config;

/// <summary>How an upstream's endpoints are found fit or not.</summary>
public sealed record HealthConfig
{
    /// <summary>Null when endpoints are not asked.</summary>
    public ActiveHealthConfig? Active { get; init; }

    /// <summary>Null when endpoints are not judged by the exchanges they handle.</summary>
    public PassiveHealthConfig? Passive { get; init; }

    /// <summary>Share of healthy endpoints below which health is ignored, 0 to 1; 0 never ignores it.</summary>
    public double PanicThreshold { get; init; } = 0.5;
}
