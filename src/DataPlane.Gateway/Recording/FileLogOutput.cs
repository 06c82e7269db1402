namespace DataPlane.Gateway.Recording;

/// <summary>
/// A file, or a device or pipe with a name. Created when missing; other processes may read, truncate and rename it
/// meanwhile.
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

    public void Write(ReadOnlySpan<byte> lines)
    {
        // Where the end is now: after copy-and-truncate an offset of our own would leave a hole.
        if (_file.CanSeek) _file.Seek(0, SeekOrigin.End);
        _file.Write(lines);
    }

    public void Reopen()
    {
        var reopened = Open(_path);
        _file.Dispose();
        _file = reopened;
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path) => new(
        path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
