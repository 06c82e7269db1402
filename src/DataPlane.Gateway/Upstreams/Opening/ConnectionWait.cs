using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Opening;

/// <summary>
/// One exchange that waits for a connection: for its turn in a queue, for a connect, or for its backoff to pass. Ends
/// once: by what it waits for, by its timer, or at once when the exchange is cancelled. The exchange goes on in a later
/// turn of the loop. Loop thread; made per wait, which is a cold path.
/// </summary>
internal sealed class ConnectionWait : IExchangeCanceller, ILoopTimerTarget, IValueTaskSource<LeaseResult>
{
    private readonly Exchange _exchange;
    private readonly LoopTimer _timer;
    private ManualResetValueTaskSourceCore<LeaseResult> _core;
    private LeaseResult _late;

    public ConnectionWait(Exchange exchange)
    {
        _exchange = exchange;
        _timer = new LoopTimer(this);
        Place = new LinkedListNode<ConnectionWait>(this);
        exchange.Canceller = this;
    }

    /// <summary>Its place in a line.</summary>
    public LinkedListNode<ConnectionWait> Place { get; }

    /// <summary>Loop time in milliseconds at which the exchange came to the line.</summary>
    public long SinceMs { get; init; }

    public bool HasEnded { get; private set; }

    /// <summary>The wait ends with <paramref name="late"/> unless it has ended by itself by then.</summary>
    public void Bound(int timeoutMs, in LeaseResult late)
    {
        _late = late;
        _exchange.Loop.Timers.Set(_timer, _exchange.Loop.NowMs + timeoutMs);
    }

    /// <summary>To be awaited once. An exchange that was cancelled before waits for nothing.</summary>
    public ValueTask<LeaseResult> Ended()
    {
        if (_exchange.CancelReason != CancelReason.None) ((IExchangeCanceller)this).Cancel();
        return new ValueTask<LeaseResult>(this, _core.Version);
    }

    /// <summary>False when the wait has already ended: nobody takes <paramref name="result"/>.</summary>
    public bool TryEnd(in LeaseResult result)
    {
        if (HasEnded) return false;
        HasEnded = true;
        _exchange.Loop.Timers.Cancel(_timer);
        if (ReferenceEquals(_exchange.Canceller, this)) _exchange.Canceller = null;
        _core.SetResult(result);
        return true;
    }

    public void Fail(Exception defect)
    {
        if (HasEnded) return;
        HasEnded = true;
        _exchange.Loop.Timers.Cancel(_timer);
        _core.SetException(defect);
    }

    void IExchangeCanceller.Cancel() => TryEnd(new LeaseResult(null, _exchange.CancelOutcome, null));

    void ILoopTimerTarget.OnTimer(LoopTimer timer) => TryEnd(in _late);

    LeaseResult IValueTaskSource<LeaseResult>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<LeaseResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<LeaseResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
