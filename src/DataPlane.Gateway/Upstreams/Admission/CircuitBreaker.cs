using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Upstreams.Admission;

/// <summary>
/// Leaves an upstream alone that keeps failing. Closed it counts, per loop, how exchanges end; a failure that brings
/// the share of failures to the bound opens it, and nothing is let through for a while. Then it is half open: a few
/// exchanges go through, all good ones close it, a bad one opens it again. Loop threads; lock-free; 0 bytes.
/// <para>
/// Races: whoever turns the state wins a compare-exchange, and sets what goes with the new state before it is seen.
/// Exchanges that began before the circuit was half open are told from those it let through by when they began.
/// </para>
/// </summary>
public sealed class CircuitBreaker
{
    /// <summary>Exchanges that must end well, one after the other, before the circuit closes.</summary>
    public const int Probes = 5;

    private readonly BreakerSettings _settings;
    private readonly TimeProvider _time;
    private readonly BreakerWindow[] _windows;
    private int _state;
    private long _generation = 1;
    private long _untilMs;
    private long _halfOpenSince;
    private int _probesLeft;
    private int _succeeded;
    private long _opened;

    public CircuitBreaker(BreakerSettings settings, LoopSet loops, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _windows = new BreakerWindow[loops.Count];
        for (int loop = 0; loop < _windows.Length; loop++) _windows[loop] = new BreakerWindow(settings.WindowMs);
    }

    public BreakerSettings Settings => _settings;

    /// <summary>Open lasts in here until somebody asks after its time. Any thread.</summary>
    public BreakerState State => (BreakerState)Volatile.Read(ref _state);

    /// <summary>How often the circuit has opened. Any thread.</summary>
    public long Opened => Volatile.Read(ref _opened);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter(EventLoop loop) =>
        Volatile.Read(ref _state) == (int)BreakerState.Closed || TryProbe(loop.NowMs);

    /// <summary>How an exchange ended that began at a timestamp of the provider.</summary>
    public void Record(EventLoop loop, long startTimestamp, bool failed)
    {
        if (State == BreakerState.Closed)
        {
            long generation = Volatile.Read(ref _generation);
            _windows[loop.Index].Count(loop.NowMs, generation, failed);
            if (failed && IsBad(loop.NowMs, generation)) Open(BreakerState.Closed, loop.NowMs);
            return;
        }
        if (State != BreakerState.HalfOpen || startTimestamp < Volatile.Read(ref _halfOpenSince)) return;
        if (failed) Open(BreakerState.HalfOpen, loop.NowMs);
        else if (Interlocked.Increment(ref _succeeded) == Probes) Close();
    }

    private bool IsBad(long nowMs, long generation)
    {
        long total = 0, failed = 0;
        foreach (var window in _windows) window.Add(nowMs, generation, ref total, ref failed);
        return total >= _settings.Minimum && failed >= total * _settings.FailureShare;
    }

    private void Open(BreakerState from, long nowMs)
    {
        // Nobody looks at it before the state says open, and a late writer's time is as good.
        Volatile.Write(ref _untilMs, nowMs + _settings.OpenMs);
        if (Interlocked.CompareExchange(ref _state, (int)BreakerState.Open, (int)from) == (int)from)
            Interlocked.Increment(ref _opened);
    }

    private void Close()
    {
        // What was counted before the circuit opened must not open it again.
        Interlocked.Increment(ref _generation);
        Interlocked.CompareExchange(ref _state, (int)BreakerState.Closed, (int)BreakerState.HalfOpen);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryProbe(long nowMs)
    {
        long untilMs = Volatile.Read(ref _untilMs);
        if (nowMs >= untilMs && Interlocked.CompareExchange(ref _untilMs, nowMs + _settings.OpenMs, untilMs) == untilMs)
        {
            // Also when half open: probes that have not ended by now are not waited for.
            Volatile.Write(ref _succeeded, 0);
            Volatile.Write(ref _halfOpenSince, _time.GetTimestamp());
            Volatile.Write(ref _probesLeft, Probes);
            Interlocked.CompareExchange(ref _state, (int)BreakerState.HalfOpen, (int)BreakerState.Open);
        }
        return State switch
        {
            BreakerState.Closed => true,
            BreakerState.Open => false,
            _ => Volatile.Read(ref _probesLeft) > 0 && Interlocked.Decrement(ref _probesLeft) >= 0,
        };
    }
}
