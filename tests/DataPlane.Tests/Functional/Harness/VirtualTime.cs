namespace DataPlane.Tests.Functional.Harness;

/// <summary>A clock that stands until the test moves it. Any thread.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<VirtualTimer> _timers = [];
    private long _ticks = TimeSpan.TicksPerHour;

    /// <summary>Called after each move: loops read the time only when they wake up.</summary>
    public Action Moved { get; set; } = static () => { };

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_lock) _timers.Add(timer);
        return timer;
    }

    public void Advance(TimeSpan span)
    {
        Interlocked.Add(ref _ticks, span.Ticks);
        VirtualTimer[] timers;
        lock (_lock) timers = [.. _timers];
        foreach (var timer in timers) timer.FireIfDue();
        Moved();
    }

    private sealed class VirtualTimer(VirtualTime clock, Action fire) : ITimer
    {
        private long _dueTicks = long.MaxValue;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            long dueTicks = dueTime < TimeSpan.Zero ? long.MaxValue : clock.GetTimestamp() + dueTime.Ticks;
            Volatile.Write(ref _dueTicks, dueTicks);
            return true;
        }

        public void FireIfDue()
        {
            if (clock.GetTimestamp() < Volatile.Read(ref _dueTicks)) return;
            Change(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan, _period);
            fire();
        }

        public void Dispose()
        {
            lock (clock._lock) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
