using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>How this configuration comes into force when it is offered to a running gateway.</summary>
public sealed record RolloutConfig
{
    /// <summary>Shares of the connections, 0 to 1, rising; the last is 1.</summary>
    public ImmutableArray<double> Steps { get; init; } = [0.01, 0.1, 1];

    /// <summary>How long each step lasts, the last included.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Share of failed exchanges, 0 to 1, above which the generation goes back.</summary>
    public double ErrorRatio { get; init; } = 0.02;

    /// <summary>By how much the generation must be worse than the one before it, 0 to 1.</summary>
    public double Margin { get; init; } = 0.01;

    /// <summary>Exchanges of a step below which it is not judged.</summary>
    public int Minimum { get; init; } = 20;
}
