namespace DataPlane.Gateway.Loops;

/// <summary>
/// What a loop waits on: epoll where it exists, a plain wait where it does not; io_uring would be a third. The engine
/// dispatches the readiness of its own connections inside <see cref="Wait"/>.
/// </summary>
public interface ILoopEngine : IDisposable
{
    /// <summary>
    /// Waits up to <paramref name="timeoutMs"/> (-1 = until woken) and handles what became ready. Loop thread.
    /// </summary>
    void Wait(int timeoutMs);

    /// <summary>The turn's work is done: sends what was put off until now. Loop thread, before the next wait.</summary>
    void EndTurn();

    /// <summary>Ends a running or the next <see cref="Wait"/>. Any thread; 0 bytes.</summary>
    void Wake();

    /// <summary>Runs once on the loop's thread before the first wait.</summary>
    void Start(EventLoop loop);
}
