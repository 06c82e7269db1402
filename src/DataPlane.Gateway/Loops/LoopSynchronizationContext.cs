namespace DataPlane.Gateway.Loops;

/// <summary>
/// Brings awaits on foreign tasks (DNS, timers of the runtime, Kestrel's own sockets) back to their loop.
/// </summary>
internal sealed class LoopSynchronizationContext(EventLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => loop.Post(d, state);

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Nothing waits for a loop.");

    public override SynchronizationContext CreateCopy() => this;
}
