using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Loops;

/// <summary>Awaitable that continues on a loop's thread. 0 bytes when already there.</summary>
public readonly struct LoopSwitch(EventLoop loop) : ICriticalNotifyCompletion
{
    private static readonly SendOrPostCallback s_run = static state => ((Action)state!)();

    public bool IsCompleted => loop.IsCurrent;

    public LoopSwitch GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => loop.Post(s_run, continuation);

    public void UnsafeOnCompleted(Action continuation) => loop.Post(s_run, continuation);
}
