using DataPlane.Gateway.Loops;
using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// The fields of a response head, or of trailers, as the lines that HTTP/1.1 would have, so that one parser judges
/// both; what would change the shape of the lines is refused before it is written (RFC 9113 8.1 to 8.3). One per kind
/// and stream; loop thread; 0 bytes.
/// </summary>
internal sealed class FieldLines(EventLoop loop, bool isHead) : IFieldSink
{
    private const int FirstBytes = 1024;
    private const int StatusAt = 9;

    private int _mostBytes;
    private bool _hasFields;
    private bool _isMalformed;

    /// <summary>A slab of the loop while there are lines.</summary>
    public byte[] Bytes { get; private set; } = [];

    public int Length { get; private set; }

    /// <summary>Of a head: 0 without one.</summary>
    public int Status { get; private set; }

    private static ReadOnlySpan<byte> StatusLine => "HTTP/1.1 000 \r\n"u8;

    /// <summary>Makes ready for a block; lines of more bytes than that are malformed.</summary>
    public void Begin(int mostBytes)
    {
        _mostBytes = mostBytes;
        _hasFields = _isMalformed = false;
        Status = Length = 0;
        if (Bytes.Length == 0) Bytes = loop.Slabs.Rent(FirstBytes);
        if (isHead) Append(StatusLine);
    }

    public void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_isMalformed) return;
        if (name is [(byte)':', ..])
        {
            // One status, in front of everything else; nothing else may stand there.
            bool isStatus = isHead && !_hasFields && Status == 0 && name.SequenceEqual(":status"u8);
            _isMalformed = !isStatus || !TryTakeStatus(value);
            return;
        }
        _hasFields = true;
        long needed = (long)Length + name.Length + value.Length + 4;
        _isMalformed = needed > _mostBytes || !Http2Fields.IsGood(name, value);
        if (_isMalformed) return;
        Append(name);
        Append(": "u8);
        Append(value);
        Append("\r\n"u8);
    }

    /// <summary>False when the block was malformed.</summary>
    public bool TryEnd()
    {
        if (_isMalformed || (isHead && Status == 0)) return false;
        if (isHead) Append("\r\n"u8);
        return true;
    }

    /// <summary>Gives the bytes back.</summary>
    public void Clear()
    {
        if (Bytes.Length > 0) loop.Slabs.Return(Bytes);
        Bytes = [];
        Status = Length = 0;
    }

    private bool TryTakeStatus(ReadOnlySpan<byte> value)
    {
        if (value.Length != 3 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || value[0] == '0') return false;
        value.CopyTo(Bytes.AsSpan(StatusAt));
        Status = ((value[0] - '0') * 100) + ((value[1] - '0') * 10) + value[2] - '0';
        return true;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (Bytes.Length - Length < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(Bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    private void Grow(int more)
    {
        byte[] larger = loop.Slabs.Rent(Math.Max(Bytes.Length * 2, Length + more));
        Bytes.AsSpan(0, Length).CopyTo(larger);
        loop.Slabs.Return(Bytes);
        Bytes = larger;
    }
}
