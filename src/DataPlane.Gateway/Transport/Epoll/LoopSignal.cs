using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// The waiting half of a reusable value task source, in 24 bytes instead of the 64 of the runtime's: no result, no
/// error, no captured context, because continuations run on the loop's thread. The waiter may be on any thread, the
/// completer is the loop.
/// </summary>
internal struct LoopSignal
{
    private static readonly Action<object?> s_done = static _ => { };

    private Action<object?>? _continuation;
    private object? _state;
    private short _version;

    public readonly short Version => _version;

    public readonly ValueTaskSourceStatus StatusOf(short token)
    {
        Check(token);
        return ReferenceEquals(_continuation, s_done) ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, EventLoop loop)
    {
        Check(token);
        _state = state;
        // On the loop nothing can complete it in between: the usual case costs no locked instruction.
        if (_continuation is null && loop.IsCurrent)
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
        if (TakeWaiter(out object? state) is { } continuation) continuation(state);
    }

    /// <summary>
    /// Posts the waiter's continuation, for completions caused by a call (cancel, close) of the loop's code.
    /// </summary>
    public void CompleteLater(EventLoop loop)
    {
        if (TakeWaiter(out object? state) is { } continuation) loop.PostContinuation(continuation, state);
    }

    /// <summary>The result was taken: the next wait has another token.</summary>
    public void End(short token)
    {
        if (StatusOf(token) == ValueTaskSourceStatus.Pending) throw new InvalidOperationException("Still pending.");
        _continuation = null;
        _state = null;
        _version++;
    }

    /// <summary>Marks it done. Null when nobody waits yet.</summary>
    private Action<object?>? TakeWaiter(out object? state)
    {
        var continuation = Volatile.Read(ref _continuation);
        // Once there is a waiter there is no other; before, one on another thread may just come.
        if (continuation is null) continuation = Interlocked.Exchange(ref _continuation, s_done);
        else _continuation = s_done;
        state = _state;
        if (continuation is not null) _state = null;
        return continuation;
    }

    private readonly void Check(short token)
    {
        if (token != _version) throw new InvalidOperationException("Awaited after its result was taken.");
    }
}
