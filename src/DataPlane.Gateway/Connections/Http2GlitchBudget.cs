using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// How much of what is dear to answer a connection may still do. Every glitch costs, every response delivered to its
/// end earns one back, and after a while all is forgotten: who gets answers may reset streams, who only resets may not.
/// Loop thread.
/// </summary>
internal sealed class Http2GlitchBudget(EventLoop loop, Http2Glitches counts, int limit)
{
    /// <summary>Costs whatever is left.</summary>
    public const int All = int.MaxValue / 4;

    private int _spent;
    private long _windowEndMs = loop.NowMs + Limits.GlitchWindowMs;

    /// <summary>Ends the connection, once.</summary>
    public Action? OnUsedUp { get; set; }

    public bool IsUsedUp { get; private set; }

    public void Spend(Http2Glitch glitch, int cost = 1)
    {
        counts.Count(glitch);
        if (limit == 0) return;
        if (loop.NowMs >= _windowEndMs)
        {
            _windowEndMs = loop.NowMs + Limits.GlitchWindowMs;
            _spent = 0;
        }
        _spent = Math.Min(All, _spent + cost);
        if (_spent <= limit || IsUsedUp) return;
        IsUsedUp = true;
        counts.CountCalmed();
        OnUsedUp?.Invoke();
    }

    /// <summary>A response has ended well.</summary>
    public void Earn()
    {
        if (_spent > 0) _spent--;
    }
}
