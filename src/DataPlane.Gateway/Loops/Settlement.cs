using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// Awaits that a task is done, whatever it came to, and hands the task itself back: its result, or what it throws, is
/// still to be taken. For who passes a task on that another method knows how to judge. 0 bytes.
/// </summary>
public readonly struct Settlement<T>(ValueTask<T> task) : ICriticalNotifyCompletion
{
    public bool IsCompleted => task.IsCompleted;

    public Settlement<T> GetAwaiter() => this;

    public ValueTask<T> GetResult() => task;

    public void OnCompleted(Action continuation) => task.GetAwaiter().OnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => task.GetAwaiter().UnsafeOnCompleted(continuation);
}
