using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// A request that waits for another one's response: until it is woken, its time is up, or its exchange is cancelled.
/// Pooled per loop; one that gave up stays in the list it is in and comes back to the pool when that is woken. Loop
/// thread but for <see cref="Wake"/>; 0 bytes.
/// </summary>
internal sealed class FlightWaiter : IValueTaskSource<FlightEnd>, ILoopTimerTarget, IExchangeCanceller
{
    private static readonly SendOrPostCallback s_woken = static state => ((FlightWaiter)state!).OnWoken();
    private static readonly SendOrPostCallback s_ended = static state => ((FlightWaiter)state!).OnEnded();

    private readonly EventLoop _loop;
    private readonly Stack<FlightWaiter> _pool;
    private readonly LoopTimer _timer;
    private ManualResetValueTaskSourceCore<FlightEnd> _core;
    private Exchange? _exchange;
    private FlightEnd _told;
    private FlightEnd _end;
    private bool _isLinked;
    private bool _isAwaited;
    private bool _isOver;

    public FlightWaiter(EventLoop loop, Stack<FlightWaiter> pool)
    {
        _loop = loop;
        _pool = pool;
        _timer = new LoopTimer(this);
    }

    /// <summary>In the flight's list.</summary>
    public FlightWaiter? Next { get; set; }

    /// <summary>Before it gets into a list.</summary>
    public void Begin()
    {
        _isLinked = true;
        _isOver = false;
        _core.Reset();
    }

    /// <summary>To be awaited once, after <see cref="Begin"/>.</summary>
    public ValueTask<FlightEnd> WaitAsync(Exchange exchange, int waitMs)
    {
        _exchange = exchange;
        _isAwaited = true;
        exchange.Canceller = this;
        _loop.Timers.Set(_timer, _loop.NowMs + Math.Max(1, waitMs));
        if (exchange.CancelReason != CancelReason.None) End(FlightEnd.Cancelled);
        return new ValueTask<FlightEnd>(this, _core.Version);
    }

    /// <summary>Any thread; once for each <see cref="Begin"/>.</summary>
    public void Wake(FlightEnd end)
    {
        _told = end;
        _loop.Post(s_woken, this);
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer) => End(FlightEnd.TimedOut);

    void IExchangeCanceller.Cancel() => End(FlightEnd.Cancelled);

    FlightEnd IValueTaskSource<FlightEnd>.GetResult(short token)
    {
        var end = _core.GetResult(token);
        _isAwaited = false;
        if (!_isLinked) _pool.Push(this);
        return end;
    }

    ValueTaskSourceStatus IValueTaskSource<FlightEnd>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<FlightEnd>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        // Inline: it is completed at the top of a turn of the loop. A context would be an object for each wait.
        _core.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);

    private void OnWoken()
    {
        _isLinked = false;
        if (!_isOver)
        {
            Close();
            _core.SetResult(_told);
        }
        else if (!_isAwaited)
        {
            _pool.Push(this);
        }
    }

    private void OnEnded() => _core.SetResult(_end);

    /// <summary>Whoever cancels may be going through a list that the exchange is in: it goes on afterwards.</summary>
    private void End(FlightEnd end)
    {
        if (_isOver) return;
        Close();
        _end = end;
        _loop.Post(s_ended, this);
    }

    private void Close()
    {
        _isOver = true;
        TimerWheel.Pause(_timer);
        if (_exchange is { } exchange && ReferenceEquals(exchange.Canceller, this)) exchange.Canceller = null;
        _exchange = null;
    }
}
