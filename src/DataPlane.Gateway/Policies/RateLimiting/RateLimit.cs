namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// A rate in the terms of GCRA (ITU-T I.371): one unit every <see cref="IntervalTicks"/>, and how far ahead of that a
/// caller may be. Ticks are the time provider's. Immutable; any thread.
/// </summary>
public sealed class RateLimit
{
    public RateLimit(long count, TimeSpan period, int burst, long ticksPerSecond)
    {
        Count = count;
        WindowSeconds = (long)period.TotalSeconds;
        // Rounded up: over any time, never more than was asked for.
        IntervalTicks = Math.Max(1, (long)Math.Ceiling(period.TotalSeconds * ticksPerSecond / count));
        ToleranceTicks = IntervalTicks * burst;
    }

    /// <summary>Units per <see cref="WindowSeconds"/>.</summary>
    public long Count { get; }

    public long WindowSeconds { get; }

    public long IntervalTicks { get; }

    /// <summary>What a whole burst takes.</summary>
    public long ToleranceTicks { get; }
}
