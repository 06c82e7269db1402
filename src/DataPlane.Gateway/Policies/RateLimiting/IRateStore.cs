namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// Where one limit's callers are accounted: in this process, or in slices leased from a store that gateways share. An
/// answer never waits: a shared store decides on what it has leased. Any thread; 0 bytes.
/// </summary>
public interface IRateStore
{
    /// <summary>
    /// Takes <paramref name="cost"/> units of the caller, or nothing. <paramref name="nowTicks"/> may differ between
    /// threads by what their clocks do.
    /// </summary>
    bool TryTake(ulong caller, RateLimit limit, int cost, long nowTicks, out RateState state);

    /// <summary>Callers that are remembered.</summary>
    long Callers { get; }

    /// <summary>Callers that were forgotten for want of room.</summary>
    long Evictions { get; }

    /// <summary>Gives back what was taken for a request that another limit refused.</summary>
    void Return(ulong caller, RateLimit limit, int cost);
}
