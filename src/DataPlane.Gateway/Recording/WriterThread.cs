namespace DataPlane.Gateway.Recording;

/// <summary>
/// The one thread that empties the loops' rings: once a period, at once when woken, and a last time when it ends.
/// </summary>
internal sealed class WriterThread : IDisposable
{
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly TimeSpan _period;
    private readonly Action _work;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private int _wakePending;

    public WriterThread(string name, TimeSpan period, Action work)
    {
        _period = period;
        _work = work;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public void Start() => _thread.Start();

    /// <summary>Any thread; a system call for the first caller of a batch only.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _wakePending) == 0 && Interlocked.Exchange(ref _wakePending, 1) == 0) _wake.Set();
    }

    /// <summary>
    /// Ends the thread after a last round. False when that takes too long: what it uses must stay, and goes with the
    /// process, which is about to end.
    /// </summary>
    public bool TryStop()
    {
        _stopping = true;
        _wake.Set();
        return !_thread.IsAlive || _thread.Join(RecordingLimits.WriterStop);
    }

    public void Dispose() => _wake.Dispose();

    private void Run()
    {
        while (!_stopping)
        {
            _wake.WaitOne(_period);
            // The flag falls before the rings are read: who fills one after that wakes us again.
            Volatile.Write(ref _wakePending, 0);
            _work();
        }
        _work();
    }
}
