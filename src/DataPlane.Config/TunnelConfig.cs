namespace DataPlane.Config;

/// <summary>The limits of a route's tunnels, where they differ from <see cref="LimitsConfig"/>.</summary>
public sealed record TunnelConfig(TimeSpan? IdleTimeout, TimeSpan? Lifetime, int? Max);
