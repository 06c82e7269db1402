using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// A suspended state machine with its cached continuation; rented per suspension, from the thread's free list.
/// </summary>
internal sealed class StateMachineBox<TStateMachine, TResult> : LoopTaskBox<TResult>
    where TStateMachine : IAsyncStateMachine
{
    [ThreadStatic]
    private static Spares? t_spares;

    private StateMachineBox<TStateMachine, TResult>? _nextSpare;

    private StateMachineBox() => MoveNextAction = () => Machine!.MoveNext();

    public TStateMachine? Machine;

    public static StateMachineBox<TStateMachine, TResult> Rent()
    {
        var spares = t_spares ??= new Spares();
        var box = spares.First;
        if (box is null) return new StateMachineBox<TStateMachine, TResult>();
        spares.First = box._nextSpare;
        spares.Count--;
        box._nextSpare = null;
        return box;
    }

    protected override void Recycle()
    {
        // Drop what the machine refers to: a spare must not keep an exchange alive.
        Machine = default;
        var spares = t_spares ??= new Spares();
        if (spares.Count >= MaxSpares) return;
        _nextSpare = spares.First;
        spares.First = this;
        spares.Count++;
    }

    private sealed class Spares
    {
        public StateMachineBox<TStateMachine, TResult>? First;

        public int Count;
    }
}
