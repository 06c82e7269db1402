namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>Where a caller stands after a decision.</summary>
/// <param name="Remaining">Units that would be granted now.</param>
/// <param name="WaitTicks">Time until a request that was refused would be granted; 0 when it was granted.</param>
/// <param name="ResetTicks">Time until the whole burst is there again.</param>
public readonly record struct RateState(long Remaining, long WaitTicks, long ResetTicks);
