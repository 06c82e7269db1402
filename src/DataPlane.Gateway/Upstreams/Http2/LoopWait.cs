using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Epoll;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// Somewhere one method at a time waits for something to change, and looks then what it was: waits may also end for
/// nothing. Loop thread; 0 bytes.
/// </summary>
internal sealed class LoopWait(EventLoop loop) : IValueTaskSource<bool>
{
    private LoopSignal _signal;

    public bool IsPending { get; private set; }

    /// <summary>The result means nothing.</summary>
    public ValueTask<bool> WaitAsync()
    {
        IsPending = true;
        return new ValueTask<bool>(this, _signal.Version);
    }

    /// <summary>Runs who waits, here and now: only from the top of the loop.</summary>
    public void End()
    {
        if (!IsPending) return;
        IsPending = false;
        _signal.Complete();
    }

    /// <summary>Has who waits go on in a later turn: for ends that the loop's code brings about by a call.</summary>
    public void EndLater()
    {
        if (!IsPending) return;
        IsPending = false;
        _signal.CompleteLater(loop);
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _signal.End(token);
        return true;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, loop);
}
