using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// How much of what is dear to answer a connection may still do. Every glitch costs, every response delivered to its
/// end earns one back, and after a while all is forgotten: who gets answers may reset streams, who only resets may not.
/// Any thread; lock-free. Races are off by a few glitches.
/// </summary>
internal sealed class Http2GlitchBudget(EventLoop loop, Http2Glitches counts, int limit)
{
    /// <summary>Costs whatever is left.</summary>
    public const int All = int.MaxValue / 4;

    private int _spent;
    private long _windowEndMs = loop.NowMs + Limits.GlitchWindowMs;
    private int _isUsedUp;

    /// <summary>Ends the connection, once; any thread.</summary>
    public Action? OnUsedUp { get; set; }

    public bool IsUsedUp => Volatile.Read(ref _isUsedUp) != 0;

    public void Spend(Http2Glitch glitch, int cost = 1)
    {
        counts.Count(glitch);
        if (limit == 0) return;
        long now = loop.NowMs;
        if (now >= _windowEndMs)
        {
            _windowEndMs = now + Limits.GlitchWindowMs;
            Volatile.Write(ref _spent, 0);
        }
        if (Interlocked.Add(ref _spent, cost) <= limit || Interlocked.Exchange(ref _isUsedUp, 1) != 0) return;
        counts.CountCalmed();
        OnUsedUp?.Invoke();
    }

    /// <summary>A response has ended well.</summary>
    public void Earn()
    {
        if (Volatile.Read(ref _spent) > 0) Interlocked.Decrement(ref _spent);
    }
}
