using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// The waiting half of a reusable value task source, in 24 bytes instead of the 64 of the runtime's: no result, no
/// error, no captured context, because continuations run on the loop's thread. The waiter may be on any thread, unless
/// it is known to keep to the loop; the completer is the loop.
/// </summary>
internal struct LoopSignal
{
    private static readonly Action<object?> s_done = static _ => { };

    private Action<object?>? _continuation;
    private object? _state;
    private short _version;

    public readonly short Version => _version;

    /// <summary>This wait's waiter is on the loop: nothing has to be interlocked. False again with the next.</summary>
    public bool IsKeptToLoop { readonly get; set; }

    /// <summary>Nobody waits, and no result waits to be taken.</summary>
    public readonly bool IsIdle => _continuation is null;

    public readonly ValueTaskSourceStatus StatusOf(short token)
    {
        Check(token);
        return ReferenceEquals(_continuation, s_done) ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, EventLoop loop)
    {
        Check(token);
        _state = state;
        if (IsKeptToLoop && _continuation is null)
        {
            _continuation = continuation;
            return;
        }
        var former = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (former is null) return;
        if (!ReferenceEquals(former, s_done)) throw new InvalidOperationException("Awaited twice.");
        // A waiter on another thread came too late to be run by the completion.
        loop.PostContinuation(continuation, state);
    }

    /// <summary>
    /// Runs the waiter's continuation here and now: only from the top of the loop, never inside a caller.
    /// </summary>
    public void Complete()
    {
        var continuation = TakeContinuation();
        if (continuation is null) return;
        object? state = _state;
        _state = null;
        continuation(state);
    }

    /// <summary>
    /// Posts the waiter's continuation, for completions caused by a call (cancel, close) of the loop's code.
    /// </summary>
    public void CompleteLater(EventLoop loop)
    {
        var continuation = TakeContinuation();
        if (continuation is null) return;
        object? state = _state;
        _state = null;
        loop.PostContinuation(continuation, state);
    }

    /// <summary>The result was taken: the next wait has another token.</summary>
    public void End(short token)
    {
        if (StatusOf(token) == ValueTaskSourceStatus.Pending) throw new InvalidOperationException("Still pending.");
        _continuation = null;
        _state = null;
        IsKeptToLoop = false;
        _version++;
    }

    private Action<object?>? TakeContinuation()
    {
        if (!IsKeptToLoop) return Interlocked.Exchange(ref _continuation, s_done);
        var continuation = _continuation;
        _continuation = s_done;
        return continuation;
    }

    private readonly void Check(short token)
    {
        if (token != _version) throw new InvalidOperationException("Awaited after its result was taken.");
    }
}
