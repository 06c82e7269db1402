namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The file of the disk tier. It has a name for a moment only: nobody else opens it, and when the process ends, however
/// it ends, the disk has its room again. Any thread.
/// </summary>
internal sealed class DiskFile : IDisposable
{
    private readonly FileStream _file;

    private DiskFile(FileStream file) => _file = file;

    /// <summary>Makes the folder too. Throws what opening a file throws.</summary>
    public static DiskFile Open(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"dataplane-cache-{Path.GetRandomFileName()}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        // Other people's responses.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        try
        {
            File.Delete(path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return new DiskFile(file);
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(_file.SafeFileHandle, bytes, offset);

    /// <summary>False when the file ends before.</summary>
    public bool TryRead(Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_file.SafeFileHandle, bytes, offset);
            if (read == 0) return false;
            bytes = bytes[read..];
            offset += read;
        }
        return true;
    }

    public void Dispose() => _file.Dispose();
}
