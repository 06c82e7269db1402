namespace DataPlane.Gateway.Loops;

/// <summary>Waits for posted work only: I/O comes from the runtime's own sockets and is posted to the loop.</summary>
public sealed class PortableEngine : ILoopEngine
{
    private readonly AutoResetEvent _wake = new(initialState: false);
    private EventLoop? _loop;

    public void Start(EventLoop loop) => _loop = loop;

    public void Wait(int timeoutMs)
    {
        _wake.WaitOne(timeoutMs);
        _loop!.RefreshTime();
    }

    public void EndTurn()
    {
    }

    public void Wake()
    {
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // A socket of the runtime may report to a loop that has ended: nobody is left to be woken.
        }
    }

    public void Dispose() => _wake.Dispose();
}
