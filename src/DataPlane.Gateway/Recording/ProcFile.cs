using System.Buffers.Text;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// A small file of /proc that is read again at every scrape through one open handle and one buffer: 0 bytes, no string.
/// One thread at a time.
/// </summary>
internal sealed class ProcFile : IDisposable
{
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle? _handle;
    private readonly byte[] _buffer = new byte[1024];

    /// <summary>Null inside when the system has no such file.</summary>
    public ProcFile(string path)
    {
        if (File.Exists(path)) _handle = File.OpenHandle(path);
    }

    /// <summary>What the file says now; empty when there is none.</summary>
    public ReadOnlySpan<byte> Read() =>
        _handle is null ? default : _buffer.AsSpan(0, RandomAccess.Read(_handle, _buffer, fileOffset: 0));

    /// <summary>The number in a column, counted from 0, of a line separated by blanks; -1 when there is none.</summary>
    public static long ColumnOf(ReadOnlySpan<byte> line, int column)
    {
        foreach (var range in line.Split((byte)' '))
        {
            if (column-- > 0) continue;
            return Utf8Parser.TryParse(line[range], out long value, out _) ? value : -1;
        }
        return -1;
    }

    public void Dispose() => _handle?.Dispose();
}
