namespace DataPlane.Config;

/// <summary>When an upstream that keeps failing is left alone for a while.</summary>
public sealed record CircuitBreakerConfig
{
    /// <summary>Share of failures from which the circuit opens, above 0 and at most 1.</summary>
    public double Failures { get; init; } = 0.5;

    /// <summary>How far back exchanges count.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Exchanges in the window below which nothing is concluded.</summary>
    public int Minimum { get; init; } = 20;

    /// <summary>How long nothing is sent before the upstream is tried again.</summary>
    public TimeSpan Open { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Status of the answer while the circuit is open.</summary>
    public int FallbackStatus { get; init; } = 503;

    /// <summary>Null for the gateway's own problem document.</summary>
    public string? FallbackBody { get; init; }

    public string FallbackContentType { get; init; } = "application/json";
}
