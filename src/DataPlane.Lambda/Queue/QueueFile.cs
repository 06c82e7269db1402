using DataPlane.Lambda.Hosting;
using Microsoft.Data.Sqlite;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// The queue's file while this process uses it. Several processes may add to it, as in an upgrade; the one that holds
/// the lock beside it runs what is in it. Queue's thread, but for the end.
/// </summary>
internal sealed class QueueFile(FunctionHost host, TimeProvider time) : IDisposable
{
    private volatile QueueStore? _store;
    private FileStream? _lock;
    private string? _problem;
    private long _retryAt;
    private long _ownedFrom;
    private bool _isTold;

    public string Path { get; private set; } = "";

    public QueueStore? Store => _store;

    /// <summary>Null until it is open. Any thread.</summary>
    public string? OpenPath => _store is null ? null : Path;

    /// <summary>This process runs the entries.</summary>
    public bool IsOwned => _lock is not null;

    /// <summary>Until another attempt to open it is worth it.</summary>
    public long RetryMs => LambdaLimits.QueueRetryMs;

    /// <summary>False, and said once, while it cannot be used. The first path that can be used stays.</summary>
    public bool TryOpen(string path)
    {
        if (Store is not null) return true;
        if (time.GetTimestamp() < _retryAt && path == Path) return false;
        Path = path;
        try
        {
            _store = new QueueStore(path);
            _problem = null;
            _ownedFrom = time.GetTimestamp();
            return true;
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            if (_problem != failure.Message) QueueMessages.Unusable(host.Logger, path, failure.Message);
            _problem = failure.Message;
            _retryAt = time.GetTimestamp() + LambdaLimits.QueueRetryMs * time.TimestampFrequency / 1000;
            return false;
        }
    }

    /// <summary>What is in the file, when this process has become its owner just now; else null.</summary>
    public List<QueueEntry>? TryOwn()
    {
        if (IsOwned) return null;
        try
        {
            _lock = new FileStream(
                Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return Store!.Load();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // In an upgrade the predecessor has it until its own last event ends.
            if (_isTold || time.GetElapsedTime(_ownedFrom) < LambdaLimits.OwnershipPatience) return null;
            _isTold = true;
            QueueMessages.NotOwner(host.Logger, Path);
            return null;
        }
    }

    /// <summary>It failed in use: said once, until it works again.</summary>
    public void Fail(string reason)
    {
        if (_problem != reason) QueueMessages.Failed(host.Logger, Path, reason);
        _problem = reason;
    }

    public void Dispose()
    {
        Store?.Dispose();
        _lock?.Dispose();
    }
}
