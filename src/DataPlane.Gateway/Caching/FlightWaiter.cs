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

    private readonly EventLoop _loop;
    private readonly Stack<FlightWaiter> _pool;
    private readonly LoopTimer _timer;
    private ManualResetValueTaskSourceCore<FlightEnd> _core;
    private Exchange? _exchange;
    private FlightEnd _told;
    private bool _isLinked;
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
        if (!_isLinked) _pool.Push(this);
        return end;
    }

    ValueTaskSourceStatus IValueTaskSource<FlightEnd>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<FlightEnd>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void OnWoken()
    {
        _isLinked = false;
        if (_isOver) _pool.Push(this);
        else End(_told);
    }

    private void End(FlightEnd end)
    {
        if (_isOver) return;
        _isOver = true;
        TimerWheel.Pause(_timer);
        if (_exchange is { } exchange && ReferenceEquals(exchange.Canceller, this)) exchange.Canceller = null;
        _exchange = null;
        _core.SetResult(end);
    }
}
