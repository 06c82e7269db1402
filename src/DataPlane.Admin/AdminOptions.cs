namespace DataPlane.Admin;

/// <summary>What the configuration says about who may use the admin listener.</summary>
public sealed record AdminOptions
{
    /// <summary>Bearer token every request must bring, except the probes; null or empty: this machine only.</summary>
    public string? Token { get; init; }

    /// <summary>Host part of the configured address, accepted in the Host field besides the loopback names.</summary>
    public string? Host { get; init; }
}
