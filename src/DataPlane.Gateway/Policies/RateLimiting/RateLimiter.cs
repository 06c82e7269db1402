using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// The limits of one policy with the accounts of their callers.
/// </summary>
public sealed class RateLimiter
{
    private readonly RateLimit[] _limits;
    private readonly IRateStore[] _stores;
    private readonly RefusalCount _refused;

    /// <summary>One store for each limit.</summary>
    public RateLimiter(RateLimit[] limits, IRateStore[] stores, RefusalCount refused)
    {
        _limits = limits;
        _stores = stores;
        _refused = refused;
    }

    public required string Name { get; init; }

    /// <summary>Counts, and refuses nothing.</summary>
    public bool IsShadow { get; init; }

    public ReadOnlySpan<IRateStore> Stores => _stores;

    /// <summary>Requests refused, or that would have been. Any thread.</summary>
    public long Refused => _refused.Read();

    /// <summary>As <see cref="TryTake"/>, but nothing is taken nor counted. Any thread.</summary>
    public bool WouldTake(ulong caller, int cost, long nowTicks, out RateState state, out int which)
    {
        state = default;
        which = 0;
        for (int index = 0; index < _limits.Length; index++)
        {
            bool isGranted = _stores[index].TryTake(caller, _limits[index], cost, nowTicks, out var each);
            if (isGranted) _stores[index].Return(caller, _limits[index], cost);
            if (isGranted && index > 0 && each.Remaining >= state.Remaining) continue;
            state = each;
            which = index;
            if (!isGranted) return false;
        }
        return true;
    }

    /// <summary>
    /// Takes from every limit or from none. <paramref name="state"/> is that of the limit which refused, else of the
    /// one with the least left; <paramref name="which"/> says which that is. Loop thread; 0 bytes.
    /// </summary>
    public bool TryTake(ulong caller, int cost, Loops.EventLoop loop, out RateState state, out int which)
    {
        state = default;
        which = 0;
        for (int index = 0; index < _limits.Length; index++)
        {
            bool isGranted = _stores[index].TryTake(caller, _limits[index], cost, loop.NowTimestamp, out var each)
                // The loop's time is that of its turn, and another loop's may be ahead of it by more than a burst.
                || _stores[index].TryTake(caller, _limits[index], cost, loop.Time.GetTimestamp(), out each);
            if (isGranted && index > 0 && each.Remaining >= state.Remaining) continue;
            state = each;
            which = index;
            if (isGranted) continue;
            while (--index >= 0) _stores[index].Return(caller, _limits[index], cost);
            _refused.Add(loop.Index);
            return false;
        }
        return true;
    }
}
