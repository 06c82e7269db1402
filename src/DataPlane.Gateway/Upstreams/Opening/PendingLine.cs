using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Upstreams.Opening;

/// <summary>
/// Exchanges of one loop that wait for a connection to one upstream, first come, first served. Loop thread, apart from
/// <see cref="HeadSinceMs"/>.
/// </summary>
internal sealed class PendingLine(PendingQueue queue, EventLoop loop) : ILoopTimerTarget
{
    private readonly LinkedList<ConnectionWait> _waits = new();
    private LoopTimer? _look;
    private long _headSinceMs = long.MaxValue;

    public EventLoop Loop => loop;

    /// <summary>When the first one came; <see cref="long.MaxValue"/> when nobody waits. Any thread.</summary>
    public long HeadSinceMs => Volatile.Read(ref _headSinceMs);

    public void Add(ConnectionWait wait, bool first)
    {
        if (first) _waits.AddFirst(wait.Place);
        else _waits.AddLast(wait.Place);
        Settle();
        _look ??= new LoopTimer(this);
        if (!_look.IsSet) loop.Timers.Set(_look, loop.NowMs + Limits.PendingLookMs);
    }

    /// <summary>
    /// Ends the wait of the first one with a connection, or without one to let it try. False when nobody waits.
    /// </summary>
    public bool TryServe(UpstreamConnection? connection)
    {
        bool served = false;
        while (!served && _waits.First is { } first)
        {
            _waits.RemoveFirst();
            served = first.Value.TryEnd(new LeaseResult(
                connection, Pipeline.ExchangeOutcome.Completed, connection?.Endpoint));
        }
        Settle();
        return served;
    }

    /// <summary>Takes out those whose time was up or whose client has left.</summary>
    public void Forget(ConnectionWait wait)
    {
        if (wait.Place.List is null) return;
        _waits.Remove(wait.Place);
        Settle();
    }

    // Signals cross threads without a lock on the way of exchanges, so one may come a moment too early to find anybody:
    // whoever waits looks for himself now and then.
    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        if (!TryServe(connection: null) || queue.Waiting == 0) return;
        loop.Timers.Set(timer, loop.NowMs + Limits.PendingLookMs);
    }

    private void Settle() => Volatile.Write(ref _headSinceMs, _waits.First?.Value.SinceMs ?? long.MaxValue);
}
