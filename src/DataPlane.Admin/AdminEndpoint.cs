namespace DataPlane.Admin;

/// <summary>One endpoint of <c>GET /upstreams</c>, over all loops at that moment.</summary>
public sealed record AdminEndpoint
{
    public required string Url { get; init; }

    /// <summary>Where it is; one of several of a name.</summary>
    public string Address { get; init; } = "";

    /// <summary>As configured, times the record's share for a name of SRV records.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Group for failover.</summary>
    public int Priority { get; init; }

    /// <summary>Of the upstream's exchanges it is meant to get now, 0 to 1.</summary>
    public double Share { get; init; }

    /// <summary>It is picked as its weight says: not unhealthy, ejected or avoided.</summary>
    public bool Healthy { get; init; }

    /// <summary><c>healthy</c>, <c>unhealthy</c>, <c>ejected</c>, <c>unknown</c> or <c>avoided</c>.</summary>
    public string State { get; init; } = "healthy";

    /// <summary>When the state last changed.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Why, in words; empty when it has never changed.</summary>
    public string Reason { get; init; } = "";

    public int Connections { get; init; }

    public int Idle { get; init; }

    public int InFlight { get; init; }

    /// <summary>Since the process began.</summary>
    public long Ejections { get; init; }

    /// <summary>Milliseconds until an ejection ends; 0 when it is not ejected.</summary>
    public long EjectedForMs { get; init; }

    /// <summary>Milliseconds the last active check took; 0 before the first.</summary>
    public double CheckMs { get; init; }
}
