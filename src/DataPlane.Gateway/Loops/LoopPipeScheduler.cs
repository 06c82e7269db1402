using System.IO.Pipelines;

namespace DataPlane.Gateway.Loops;

/// <summary>Lets those who wait on a pipe of the runtime's continue on a loop. Any thread; 0 bytes.</summary>
internal sealed class LoopPipeScheduler(EventLoop loop) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) => loop.PostContinuation(action, state);
}
