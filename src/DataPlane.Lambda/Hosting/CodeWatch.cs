using DataPlane.Config;

namespace DataPlane.Lambda.Hosting;

/// <summary>Tells when files of a function's code have changed and been left alone for a moment. Any thread.</summary>
internal sealed class CodeWatch : IDisposable
{
    private readonly FileSystemWatcher _watcher;
    private readonly Timer _quiet;

    private CodeWatch(string folder, Action changed)
    {
        _quiet = new Timer(_ => changed());
        _watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite
                | NotifyFilters.Size,
        };
        _watcher.Changed += OnChange;
        _watcher.Created += OnChange;
        _watcher.Deleted += OnChange;
        _watcher.Renamed += OnChange;
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Null when the folder cannot be watched: the system's watches are used up.</summary>
    public static CodeWatch? Begin(string folder, Action changed)
    {
        try
        {
            return new CodeWatch(folder, changed);
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _quiet.Dispose();
    }

    private void OnChange(object sender, FileSystemEventArgs change)
    {
        // What a runtime itself leaves behind is no change of the code, nor is the queue beside it.
        if (change.FullPath.Contains("__pycache__", StringComparison.Ordinal)
            || Path.GetFileName(change.FullPath).StartsWith(QueueConfig.StandardFile, StringComparison.Ordinal))
            return;
        try
        {
            _quiet.Change(LambdaLimits.ChangeQuietMs, Timeout.Infinite);
        }
        catch (ObjectDisposedException)
        {
            // The last event of a watch that has ended.
        }
    }
}
