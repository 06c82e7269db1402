namespace DataPlane.Gateway.Upstreams.Admission;

/// <summary>What a circuit breaker lets through.</summary>
public enum BreakerState
{
    /// <summary>Everything.</summary>
    Closed,

    /// <summary>Nothing.</summary>
    Open,

    /// <summary>A few exchanges, whose ends decide.</summary>
    HalfOpen,
}
