using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// Method builder of <c>async ValueTask&lt;T&gt;</c> methods that run on a loop. The runtime's pooling builder keeps
/// one box per thread and core, so with 64 exchanges suspended at once most of them allocate (158 B per request
/// measured); this one keeps a free list per thread and state machine type, bounded by <see
/// cref="LoopTaskBox{TResult}.MaxSpares"/>. The execution context does not flow: nothing on a loop uses AsyncLocal.
/// </summary>
public struct LoopValueTaskMethodBuilder<TResult>
{
    private LoopTaskBox<TResult>? _box;
    private TResult _result;
    private bool _completed;

    public static LoopValueTaskMethodBuilder<TResult> Create() => default;

    /// <summary>Already done: the result itself; else a task over the pooled box, to be awaited exactly once.</summary>
    public readonly ValueTask<TResult> Task =>
        _completed ? new ValueTask<TResult>(_result) : new ValueTask<TResult>(_box!, _box!.Version);

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    public void SetResult(TResult result)
    {
        if (_box is null)
        {
            _result = result;
            _completed = true;
        }
        else
        {
            _box.SetResult(result);
        }
    }

    public void SetException(Exception exception)
    {
        // Without a box the method has not suspended yet: the task made here carries the exception (cold, a defect).
        _box ??= new FaultBox<TResult>();
        _box.SetException(exception);
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(BoxOf(ref stateMachine).MoveNextAction);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.UnsafeOnCompleted(BoxOf(ref stateMachine).MoveNextAction);

    private LoopTaskBox<TResult> BoxOf<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (_box is not null) return _box;
        var box = StateMachineBox<TStateMachine, TResult>.Rent();
        // The builder is a field of the machine: set it before the machine is copied into the box.
        _box = box;
        box.Machine = stateMachine;
        return box;
    }
}
