using System.Threading.Tasks.Sources;

namespace DataPlane.Benchmarks.Loops;

/// <summary>
/// A wait that the benchmark ends itself, again and again, as a loop's connection ends its reads: reusable, and the
/// continuation runs inside <see cref="Complete"/>.
/// </summary>
internal sealed class PulseSource<T> : IValueTaskSource<T>
{
    private ManualResetValueTaskSourceCore<T> _core;

    /// <summary>Somebody waits.</summary>
    public bool IsPending { get; private set; }

    public ValueTask<T> WaitAsync()
    {
        IsPending = true;
        return new ValueTask<T>(this, _core.Version);
    }

    public void Complete(T result)
    {
        IsPending = false;
        _core.SetResult(result);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    // No context is captured: the loops' own sources do not capture one either.
    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);

    public T GetResult(short token)
    {
        var result = _core.GetResult(token);
        _core.Reset();
        return result;
    }
}
