using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// A suspended state machine with its cached continuation; rented per suspension, from the thread's free list.
/// </summary>
internal sealed class StateMachineBox<TStateMachine, TResult> : LoopTaskBox<TResult>
    where TStateMachine : IAsyncStateMachine
{
    [ThreadStatic]
    private static StateMachineBox<TStateMachine, TResult>? t_spares;

    [ThreadStatic]
    private static int t_spareCount;

    private StateMachineBox<TStateMachine, TResult>? _nextSpare;

    private StateMachineBox() => MoveNextAction = () => Machine!.MoveNext();

    public TStateMachine? Machine;

    public static StateMachineBox<TStateMachine, TResult> Rent()
    {
        var box = t_spares;
        if (box is null) return new StateMachineBox<TStateMachine, TResult>();
        t_spares = box._nextSpare;
        t_spareCount--;
        box._nextSpare = null;
        return box;
    }

    protected override void Recycle()
    {
        // Drop what the machine refers to: a spare must not keep an exchange alive.
        Machine = default;
        if (t_spareCount >= MaxSpares) return;
        _nextSpare = t_spares;
        t_spares = this;
        t_spareCount++;
    }
}
