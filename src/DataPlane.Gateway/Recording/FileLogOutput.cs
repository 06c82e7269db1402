namespace DataPlane.Gateway.Recording;

/// <summary>
/// A file, or a device or pipe with a name. Created when missing; other processes may read, truncate and rename it
/// meanwhile. A disk that fills up in the middle of a line leaves no half line behind.
/// </summary>
public sealed class FileLogOutput : ILogOutput
{
    private readonly string _path;
    private FileStream _file;

    /// <summary>Throws what opening a file throws: a log that cannot be written is better known at start.</summary>
    public FileLogOutput(string path)
    {
        _path = path;
        _file = Open(path);
    }

    public int Write(ReadOnlySpan<byte> lines, out LogLoss loss)
    {
        // Where the end is now: after copy-and-truncate an offset of our own would leave a hole.
        long end = _file.CanSeek ? _file.Seek(0, SeekOrigin.End) : 0;
        try
        {
            _file.Write(lines);
            loss = LogLoss.None;
            return lines.Count((byte)'\n');
        }
        catch (Exception error) when (LogLosses.IsOutputError(error))
        {
            loss = LogLosses.Of(error);
            return _file.CanSeek ? KeepWholeLines(lines, end) : 0;
        }
    }

    public void Reopen()
    {
        var reopened = Open(_path);
        _file.Dispose();
        _file = reopened;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Cuts off what was written of a line that did not fit any more. The whole lines that did.</summary>
    private int KeepWholeLines(ReadOnlySpan<byte> lines, long start)
    {
        long written = _file.Length - start;
        // Nothing, or not ours alone: somebody else truncated the file, or writes to it as well.
        if (written <= 0 || written > lines.Length) return 0;
        var kept = lines[..(lines[..(int)written].LastIndexOf((byte)'\n') + 1)];
        if (kept.Length < written) _file.SetLength(start + kept.Length);
        return kept.Count((byte)'\n');
    }

    private static FileStream Open(string path) => new(
        path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
