namespace DataPlane.Config;

/// <summary>How an endpoint is chosen for an exchange.</summary>
public enum LoadBalancing
{
    /// <summary>In turn, by weight.</summary>
    RoundRobin,
}
