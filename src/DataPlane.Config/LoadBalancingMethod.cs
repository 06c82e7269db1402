namespace DataPlane.Config;

/// <summary>How an endpoint is chosen for an exchange.</summary>
public enum LoadBalancingMethod
{
    /// <summary>In turn, by weight.</summary>
    RoundRobin,

    /// <summary>Of two drawn by weight, the one with fewer exchanges in flight for its weight.</summary>
    LeastRequests,

    /// <summary>Drawn by weight.</summary>
    Random,

    /// <summary>The same endpoint for the same key, as long as it has room.</summary>
    ConsistentHash,
}
