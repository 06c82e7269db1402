namespace DataPlane.Admin;

/// <summary>What the configuration says about who may use the admin listener.</summary>
public sealed record AdminOptions
{
    /// <summary>
    /// Bearer token every request must bring, except the probes; null or empty: this machine, and who brought a client
    /// certificate.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>Names accepted in the Host field besides <c>localhost</c> and addresses.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
