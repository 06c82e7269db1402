namespace DataPlane.Gateway.Recording;

/// <summary>
/// The one thread that empties the rings into the output. It looks 20 times a second, and at once when a ring is half
/// full. Whatever the output does wrong is counted and never reaches a request: a slow one fills the rings, whose lines
/// are then dropped; a failing one loses the batch it failed on.
/// </summary>
internal sealed class AccessLogWriter : IDisposable
{
    private readonly AccessLogRing[] _rings;
    private readonly ILogOutput _output;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile bool _reopening;
    private int _wakePending;
    private long _written;
    private long _lost;
    private long _errors;

    public AccessLogWriter(AccessLogRing[] rings, ILogOutput output)
    {
        _rings = rings;
        _output = output;
        _thread = new Thread(Run) { IsBackground = true, Name = "access-log" };
    }

    /// <summary>Lines handed to the output.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Lines of batches the output failed on.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public long Errors => Volatile.Read(ref _errors);

    public void Start() => _thread.Start();

    /// <summary>Any thread; a system call for the first caller of a batch only.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _wakePending) == 0 && Interlocked.Exchange(ref _wakePending, 1) == 0) _wake.Set();
    }

    /// <summary>Opens the output again before the next batch. Any thread.</summary>
    public void Reopen()
    {
        _reopening = true;
        Wake();
    }

    /// <summary>Writes what is in the rings, then closes the output, unless that takes too long.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        bool hasEnded = !_thread.IsAlive || _thread.Join(RecordingLimits.WriterStop);
        // A thread stuck in a write still uses both: the process is about to end and takes them along.
        if (!hasEnded) return;
        _output.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            _wake.WaitOne(RecordingLimits.WriterPoll);
            // The flag falls before the rings are read: who fills one after that wakes us again.
            Volatile.Write(ref _wakePending, 0);
            WriteAll();
        }
        WriteAll();
    }

    private void WriteAll()
    {
        if (_reopening) TryReopen();
        foreach (var ring in _rings)
        {
            int length = ring.Peek(out var first, out var second);
            if (length == 0) continue;
            Write(first, second);
            ring.Release(length);
        }
    }

    private void Write(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int lines = first.Count((byte)'\n') + second.Count((byte)'\n');
        try
        {
            _output.Write(first);
            if (!second.IsEmpty) _output.Write(second);
            Volatile.Write(ref _written, _written + lines);
        }
        catch (Exception error) when (IsOutputError(error))
        {
            CountError(lines);
        }
    }

    private void TryReopen()
    {
        _reopening = false;
        try
        {
            _output.Reopen();
        }
        catch (Exception error) when (IsOutputError(error))
        {
            CountError(lines: 0);
        }
    }

    private static bool IsOutputError(Exception error) =>
        error is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException;

    private void CountError(int lines)
    {
        Volatile.Write(ref _errors, _errors + 1);
        Volatile.Write(ref _lost, _lost + lines);
    }
}
