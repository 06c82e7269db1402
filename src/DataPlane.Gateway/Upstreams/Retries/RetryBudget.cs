using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Upstreams.Retries;

/// <summary>
/// Bounds what retries add to a failing upstream: a share of one loop's requests, and a few a second in any case. What
/// was earned fades over <see cref="WindowMs"/>, so a quiet hour does not pay for a storm. A request costs one
/// addition; everything else happens when a retry is asked for. One per upstream and loop; that loop's thread; 0 bytes.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
public sealed class RetryBudget
{
    /// <summary>Ten seconds, as Finagle's budgets have it: long enough to smooth, short enough to forget.</summary>
    public const int WindowMs = 10_000;

    // In the middle of the object: budgets of neighbouring loops must not share a cache line.
    [FieldOffset(64)]
    private readonly double _share;
    [FieldOffset(72)]
    private readonly double _perSecond;
    [FieldOffset(80)]
    private long _requests;
    [FieldOffset(88)]
    private long _countedRequests;
    [FieldOffset(96)]
    private long _countedMs = long.MinValue;
    [FieldOffset(104)]
    private double _earned;

    /// <summary>
    /// <paramref name="share"/>: retries per request, 0 to 1; <paramref name="perSecond"/>: of this loop alone.
    /// </summary>
    public RetryBudget(double share, double perSecond)
    {
        _share = share;
        _perSecond = perSecond;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountRequest() => _requests++;

    /// <summary>Takes one retry, if there is one left.</summary>
    public bool TryTake(long nowMs)
    {
        long elapsedMs = _countedMs == long.MinValue ? WindowMs : Math.Max(0, nowMs - _countedMs);
        double fades = Math.Min(1, elapsedMs / (double)WindowMs);
        // Of requests spread over more than a window, those of the last one count.
        double recent = (_requests - _countedRequests) * Math.Min(1, WindowMs / (double)Math.Max(1, elapsedMs));
        _earned = (_earned * (1 - fades)) + (recent * _share) + (fades * WindowMs / 1000 * _perSecond);
        _countedRequests = _requests;
        _countedMs = nowMs;
        if (_earned < 1) return false;
        _earned--;
        return true;
    }
}
