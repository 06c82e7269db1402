using DataPlane.Gateway.Pipeline;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Looks at the process's memory twice a second and gives up what costs clients least first: garbage, then connections
/// that have been idle longest, then new connections and new exchanges. A level is left only well below where it is
/// entered. One look at a time, on the provider's timer.
/// </summary>
public sealed class MemoryWatch : IDisposable
{
    /// <summary>Shares of the limit at which the levels are entered and left.</summary>
    private const double HighFrom = 0.85;
    private const double HighUntil = 0.80;
    private const double CriticalFrom = 0.95;
    private const double CriticalUntil = 0.90;

    /// <summary>A look at a high level gives up an eighth of what connections hold, as far as they are idle.</summary>
    private const int ShedShare = 8;
    private const int LeastShed = 64;

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(500);

    private readonly ClientConnections _connections;
    private readonly MemoryPressure _pressure;
    private readonly Func<long> _used;
    private readonly Func<long> _limit;
    private readonly Action _collect;
    private readonly ILogger<MemoryWatch> _logger;
    private readonly ITimer _timer;
    private bool _hasToldCritical;
    private long _shedBefore;
    private int _looking;

    /// <summary>
    /// <paramref name="used"/> and <paramref name="limit"/> are in bytes; <paramref name="collect"/> gives garbage
    /// back.
    /// </summary>
    public MemoryWatch(
        ClientConnections connections, MemoryPressure pressure, Func<long> used, Func<long> limit, Action collect,
        TimeProvider time, ILogger<MemoryWatch> logger)
    {
        _connections = connections;
        _pressure = pressure;
        _used = used;
        _limit = limit;
        _collect = collect;
        _logger = logger;
        _timer = time.CreateTimer(static state => ((MemoryWatch)state!).LookOnce(), this, s_period, s_period);
    }

    /// <summary>Bytes at the last look.</summary>
    public long Used { get; private set; }

    public long Limit { get; private set; }

    public MemoryLevel Level => _pressure.Level;

    public void Dispose() => _timer.Dispose();

    private void LookOnce()
    {
        // A collection may take longer than the period.
        if (Interlocked.Exchange(ref _looking, 1) != 0) return;
        try
        {
            Look();
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private void Look()
    {
        (Used, Limit) = (_used(), Math.Max(1, _limit()));
        var before = _pressure.Level;
        var level = Next(before, (double)Used / Limit);
        if (level == MemoryLevel.Normal && before == MemoryLevel.Normal) return;
        if (before == MemoryLevel.Normal)
        {
            _collect();
            Used = _used();
            level = Next(before, (double)Used / Limit);
            if (level == MemoryLevel.Normal) return;
        }
        Enter(before, level);
        if (level != MemoryLevel.Normal) _connections.ShedIdle(LeastShed, ShedShare);
    }

    private void Enter(MemoryLevel before, MemoryLevel level)
    {
        if (level == before) return;
        _connections.Admission.IsClosed = level == MemoryLevel.Critical;
        _pressure.Level = level;
        // Once for each episode, however often it goes up and down in between.
        if (before == MemoryLevel.Normal)
        {
            _shedBefore = _connections.Shed;
            _hasToldCritical = false;
            MemoryLog.High(_logger, Used, Limit);
        }
        if (level == MemoryLevel.Critical && !_hasToldCritical)
        {
            _hasToldCritical = true;
            MemoryLog.Critical(_logger, Used, Limit);
        }
        if (level == MemoryLevel.Normal)
            MemoryLog.Normal(_logger, Used, Limit, _connections.Shed - _shedBefore);
    }

    private static MemoryLevel Next(MemoryLevel level, double share)
    {
        if (share >= CriticalFrom || (level == MemoryLevel.Critical && share > CriticalUntil))
            return MemoryLevel.Critical;
        bool isHigh = share >= HighFrom || (level != MemoryLevel.Normal && share > HighUntil);
        return isHigh ? MemoryLevel.High : MemoryLevel.Normal;
    }
}
