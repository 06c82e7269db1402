using Microsoft.Win32.SafeHandles;

namespace DataPlane.Hosting;

/// <summary>
/// The lines of a file of /proc, however long it is, through one buffer: no string is made of them. None where there is
/// no such file, or where it may not be read.
/// </summary>
internal ref struct ProcLines : IDisposable
{
    /// <summary>A path of 4,096 bytes and what stands before it. What is longer ends the reading.</summary>
    private const int LongestLine = 8192;

    private readonly SafeFileHandle? _file;
    private readonly byte[] _buffer;
    private long _offset;
    private int _start;
    private int _end;

    private ProcLines(SafeFileHandle? file)
    {
        _file = file;
        _buffer = new byte[LongestLine];
    }

    public static ProcLines Open(string path)
    {
        try
        {
            return new ProcLines(File.OpenHandle(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new ProcLines(file: null);
        }
    }

    /// <summary>The next one, without its end; valid until the one after.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0)
        {
            if (TryFill()) continue;
            line = default;
            return false;
        }
        line = _buffer.AsSpan(_start, length);
        _start += length + 1;
        return true;
    }

    public void Dispose() => _file?.Dispose();

    private bool TryFill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_file is null) return false;
        try
        {
            int read = RandomAccess.Read(_file, _buffer.AsSpan(_end), _offset);
            _offset += read;
            _end += read;
            return read > 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
