namespace DataPlane.Config;

/// <summary>With what AWS is called: by the gateway for a function elsewhere, or by a function here.</summary>
public sealed record CredentialsConfig
{
    /// <summary>False: with none.</summary>
    public bool Signs { get; init; } = true;

    /// <summary>Of the shared files; null for the chain that AWS's SDKs go through.</summary>
    public string? Profile { get; init; }

    /// <summary>Null unless written in the configuration, with <see cref="SecretKey"/>.</summary>
    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    public string? SessionToken { get; init; }

    /// <summary>Not the secrets: a record would print them.</summary>
    public override string ToString() => AccessKey ?? Profile ?? (Signs ? "chain" : "none");
}
