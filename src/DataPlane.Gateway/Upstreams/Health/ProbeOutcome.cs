namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>What one check found, and why, for people.</summary>
public readonly record struct ProbeOutcome(CheckResult Result, string Reason);
