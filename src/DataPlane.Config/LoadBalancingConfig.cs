namespace DataPlane.Config;

/// <summary>How an upstream's load is shared among its endpoints.</summary>
public sealed record LoadBalancingConfig
{
    public LoadBalancingMethod Method { get; init; } = LoadBalancingMethod.RoundRobin;

    /// <summary>What is hashed; null unless the method is <see cref="LoadBalancingMethod.ConsistentHash"/>.</summary>
    public HashKeyConfig? Key { get; init; }

    /// <summary>
    /// Most load of one endpoint in percent of its fair share before its keys spill over; 0 for no bound.
    /// </summary>
    public int BalanceFactor { get; init; } = 125;
}
