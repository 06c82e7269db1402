using System.Threading.Tasks.Sources;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// The task of one suspended <c>async</c> method; see <see cref="LoopValueTaskMethodBuilder{TResult}"/>.
/// </summary>
internal abstract class LoopTaskBox<TResult> : IValueTaskSource<TResult>
{
    /// <summary>Boxes kept per thread and method: one per exchange that may be suspended there at once.</summary>
    public const int MaxSpares = 1024;

    private ManualResetValueTaskSourceCore<TResult> _core;

    public short Version => _core.Version;

    public Action MoveNextAction { get; protected init; } = static () => { };

    public void SetResult(TResult result) => _core.SetResult(result);

    public void SetException(Exception exception) => _core.SetException(exception);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    // Always inline on the completing thread, which is the loop: no context to capture or restore.
    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);

    public TResult GetResult(short token)
    {
        // A second await of the same task must fail here: recycling twice would hand one box to two methods.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
            throw new InvalidOperationException("Still running.");
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            Recycle();
        }
    }

    protected abstract void Recycle();
}
