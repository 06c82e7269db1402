using System.Text;

namespace DataPlane.Tools.Upstreams;

/// <summary>
/// Reads lines and counted bytes from a stream and keeps every byte it hands out, so that a test sees what really
/// arrived. Lenient on purpose: what is wrong with the bytes is for <see cref="StrictUpstream"/> to say.
/// </summary>
internal sealed class NaiveByteReader(Stream stream)
{
    private const int MaxLineBytes = 1024 * 1024;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private MemoryStream _taken = new();
    private int _start;
    private int _end;

    /// <summary>Every byte handed out since the last call.</summary>
    public byte[] TakeRecorded()
    {
        var bytes = _taken.ToArray();
        _taken = new MemoryStream();
        return bytes;
    }

    public byte[] PeekRecorded() => _taken.ToArray();

    /// <summary>The next line without its line end, as Latin-1; null when the stream ends first.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (line.Count < MaxLineBytes)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
                return null;
            var next = _buffer[_start++];
            _taken.WriteByte(next);
            if (next == '\n')
            {
                if (line.Count > 0 && line[^1] == '\r')
                    line.RemoveAt(line.Count - 1);
                return Encoding.Latin1.GetString([.. line]);
            }

            line.Add(next);
        }

        throw new IOException("A line is longer than this reader takes.");
    }

    /// <summary>Between 1 and <paramref name="atMost"/> bytes as they arrive; empty at the end.</summary>
    public async Task<byte[]> ReadSomeAsync(long atMost, CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken))
            return [];
        var count = (int)Math.Min(atMost, _end - _start);
        var piece = _buffer.AsSpan(_start, count).ToArray();
        _start += count;
        _taken.Write(piece);
        return piece;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer, cancellationToken);
        return _end > 0;
    }
}
