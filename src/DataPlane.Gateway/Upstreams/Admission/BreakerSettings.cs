namespace DataPlane.Gateway.Upstreams.Admission;

/// <summary>A circuit breaker's numbers.</summary>
/// <param name="FailureShare">Of the exchanges in the window, from which the circuit opens; above 0, at most 1.</param>
/// <param name="WindowMs">How far back exchanges count.</param>
/// <param name="Minimum">Exchanges in the window below which nothing is concluded.</param>
/// <param name="OpenMs">How long nothing is let through.</param>
public sealed record BreakerSettings(double FailureShare, int WindowMs, int Minimum, int OpenMs);
