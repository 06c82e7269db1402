using System.Collections.Concurrent;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// One thread that carries connections from accept to close, the upstream connections of their exchanges, and the
/// timers of both: nothing on it is locked, nothing on it may block. Work of other threads enters through
/// <see cref="Post"/>. Awaits that are not on a loop's own sources come back through <see cref="Context"/>.
/// </summary>
public sealed class EventLoop : IDisposable
{
    [ThreadStatic]
    private static EventLoop? t_current;

    private readonly ConcurrentQueue<(Delegate Callback, object? State)> _posted = new();
    private readonly TimeProvider _time;
    private readonly ILoopEngine _engine;
    private readonly Thread _thread;
    private readonly double _msPerTimestamp;
    private volatile bool _stopping;
    private int _wakePending;

    public EventLoop(int index, ILoopEngine engine, TimeProvider time)
    {
        Index = index;
        _engine = engine;
        _time = time;
        _msPerTimestamp = 1000.0 / time.TimestampFrequency;
        NowMs = ReadMs();
        Timers = new TimerWheel(NowMs);
        Slabs = new SlabPool();
        Context = new LoopSynchronizationContext(this);
        _thread = new Thread(Run) { IsBackground = true, Name = $"loop-{index}" };
    }

    /// <summary>The loop whose thread this is, or null.</summary>
    public static EventLoop? Current => t_current;

    /// <summary>0 for the first loop; indexes every per-loop array.</summary>
    public int Index { get; }

    public ILoopEngine Engine => _engine;

    /// <summary>
    /// Loop time in milliseconds, read when the wait of a turn ends: monotonic, arbitrary start, good to a turn's
    /// length.
    /// </summary>
    public long NowMs { get; private set; }

    /// <summary>
    /// The same moment in the provider's ticks: when what the turn handles was ready, without a clock read per event.
    /// </summary>
    public long NowTimestamp { get; private set; }

    /// <summary>
    /// The time now, on the scale of <see cref="NowMs"/>, however long the loop has slept. Any thread.
    /// </summary>
    public long ClockMs => (long)(_time.GetTimestamp() * _msPerTimestamp);

    public TimerWheel Timers { get; }

    public SlabPool Slabs { get; }

    public SynchronizationContext Context { get; }

    public TimeProvider Time => _time;

    public bool IsCurrent => ReferenceEquals(t_current, this);

    public void Start() => _thread.Start();

    /// <summary>Runs the callback on the loop's thread, after what was posted before it. Any thread.</summary>
    public void Post(SendOrPostCallback callback, object? state)
    {
        _posted.Enqueue((callback, state));
        Wake();
    }

    /// <summary>As <see cref="Post"/>, for continuations of value task sources: no wrapper is allocated.</summary>
    internal void PostContinuation(Action<object?> callback, object? state)
    {
        _posted.Enqueue((callback, state));
        Wake();
    }

    /// <summary>
    /// Reads the clock. Engines call it between waking up and dispatching: a timeout counted from the time of the
    /// previous turn would be over at once after a long sleep.
    /// </summary>
    internal void RefreshTime() => NowMs = ReadMs();

    /// <summary>Continues on the loop's thread; at once when already there.</summary>
    public LoopSwitch SwitchTo() => new(this);

    /// <summary>Makes the loop take a turn: it reads the time and fires what is due. Any thread.</summary>
    public void Wake()
    {
        // One eventfd write per batch: the flag falls before the queue is drained, so no item is left behind.
        if (!IsCurrent && Interlocked.Exchange(ref _wakePending, 1) == 0) _engine.Wake();
    }

    /// <summary>Ends the thread after the current turn. Connections still on it are lost: drain them first.</summary>
    public void Dispose()
    {
        _stopping = true;
        if (!_thread.IsAlive)
        {
            _engine.Dispose();
            return;
        }
        _engine.Wake();
        if (!IsCurrent) _thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Run()
    {
        t_current = this;
        SynchronizationContext.SetSynchronizationContext(Context);
        _engine.Start(this);
        while (!_stopping)
        {
            _engine.Wait(_posted.IsEmpty ? Timers.NextDelayMs(NowMs) : 0);
            // A full fence: were the queue read before the flag has fallen, a post between the two would wake nobody.
            // A flag that is not up yet will still wake the engine.
            if (Volatile.Read(ref _wakePending) != 0) Interlocked.Exchange(ref _wakePending, 0);
            RunPosted();
            Timers.Advance(NowMs);
            _engine.EndTurn();
        }
        // Closing the engine's connections posts the ends of their waits: whoever waits is let go.
        RunPosted();
        _engine.Dispose();
        RunPosted();
    }

    private void RunPosted()
    {
        // Bounded by the length at the start: work that posts itself again must not starve the sockets.
        for (int left = _posted.Count; left > 0 && _posted.TryDequeue(out var work); left--)
        {
            if (work.Callback is Action<object?> continuation) continuation(work.State);
            else ((SendOrPostCallback)work.Callback)(work.State);
        }
    }

    private long ReadMs()
    {
        NowTimestamp = _time.GetTimestamp();
        return (long)(NowTimestamp * _msPerTimestamp);
    }
}
