namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Looks at the configuration's files every <see cref="Limits.WatchMs"/>: a stat each, which works where notifications
/// do not (network file systems, bind mounts, swapped links). A change that shows twice the same is whole, and is told.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Action _onChange;
    private readonly ITimer _timer;
    private WatchedFiles _files;
    private string _known;
    private string? _seen;
    private bool _isTold;

    public FileWatch(WatchedFiles files, Action onChange, TimeProvider time)
    {
        _files = files;
        _known = files.AsRead();
        _onChange = onChange;
        var period = TimeSpan.FromMilliseconds(Limits.WatchMs);
        _timer = time.CreateTimer(_ => Look(), state: null, period, period);
    }

    /// <summary>From now on a change is one against what this load has read.</summary>
    public void Follow(WatchedFiles files)
    {
        lock (_lock)
        {
            _files = files;
            _known = files.AsRead();
            _seen = null;
            _isTold = false;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_lock)
        {
            // A reload under way answers with Follow.
            if (_isTold) return;
            string now = _files.Now();
            bool isWhole = now == _seen;
            _seen = now;
            if (now == _known || !isWhole) return;
            _isTold = true;
        }
        _onChange();
    }
}
