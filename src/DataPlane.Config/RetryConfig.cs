namespace DataPlane.Config;

/// <summary>When another endpoint is tried.</summary>
public sealed record RetryConfig
{
    /// <summary>Tries after the first; 0 switches off.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>Nothing was sent, so every method may be tried again.</summary>
    public bool OnConnectFailure { get; init; } = true;
}
