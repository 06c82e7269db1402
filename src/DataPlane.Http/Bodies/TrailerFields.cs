using DataPlane.Http.Headers;

namespace DataPlane.Http.Bodies;

/// <summary>
/// The trailers of one message as <c>name: value CRLF</c> lines. Only fields that may be trailers get in: not those
/// that frame, route, authenticate or describe a message (RFC 9110 6.5.1), which somebody who merges trailers into the
/// head would act on. Lives as long as the message's owner, which clears it. One thread; allocates once, for the first
/// line.
/// </summary>
public sealed class TrailerFields
{
    /// <summary>Bytes of all lines together, and their number: more are left out.</summary>
    public const int MaxBytes = 8 * 1024;
    public const int MaxFields = 64;

    private const int FirstCapacity = 256;

    private byte[] _bytes = [];
    private int _length;
    private int _end;

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    /// <summary>Valid until the next change.</summary>
    public ReadOnlySpan<byte> Lines => _bytes.AsSpan(0, _length);

    /// <summary>Whether a field of that name may be a trailer: none that the gateway or an upstream acts on.</summary>
    public static bool Allows(ReadOnlySpan<byte> name) =>
        KnownHeaders.Identify(name) is KnownHeader.Other or KnownHeader.ETag or KnownHeader.Server;

    /// <summary>Takes the first line off: its name and value. False at the end.</summary>
    public static bool TryTake(
        scoped ref ReadOnlySpan<byte> lines, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int end = lines.IndexOf("\r\n"u8);
        if (end < 0)
        {
            name = value = default;
            return false;
        }
        int colon = lines.IndexOf((byte)':');
        name = lines[..colon];
        value = lines[(colon + 2)..end];
        lines = lines[(end + 2)..];
        return true;
    }

    /// <summary>Takes a line out of <see cref="Lines"/> again.</summary>
    public void Remove(int start, int length)
    {
        _bytes.AsSpan(start + length, _length - start - length).CopyTo(_bytes.AsSpan(start));
        _length = _end = _length - length;
        Count--;
    }

    /// <summary>
    /// False when the field is left out: not a token, a control byte in its value, no trailer, or one too many.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!FieldBytes.IsToken(name) || FieldBytes.IndexOfValueStop(value, 0) >= 0) return false;
        var trimmed = FieldBytes.Trim(value, 0, value.Length);
        _end = _length;
        if (!Allows(name) || !HasRoom(name.Length + trimmed.Length)) return false;
        Grow(name.Length + trimmed.Length + 4);
        name.CopyTo(_bytes.AsSpan(_length));
        Finish(name.Length, trimmed.Of(value));
        return true;
    }

    public void Clear()
    {
        _length = _end = Count = 0;
        if (_bytes.Length > FirstCapacity) _bytes = [];
    }

    /// <summary>The next byte of a line whose grammar the caller checks.</summary>
    internal void Put(byte b)
    {
        if (_end - _length >= MaxBytes) return;
        Grow(1);
        _bytes[_end++] = b;
    }

    /// <summary>Keeps the line that was put, or drops it.</summary>
    internal void EndLine()
    {
        var line = _bytes.AsSpan(_length, _end - _length);
        int colon = line.IndexOf((byte)':');
        // A line cut off by the bound has no room either.
        var value = FieldBytes.Trim(line, colon + 1, line.Length);
        if (colon > 0 && HasRoom(line.Length) && Allows(line[..colon]))
        {
            // The line is written anew in its own place: at most three bytes longer than it was.
            Grow(3);
            Finish(colon, value.Of(_bytes.AsSpan(_length)));
        }
        _end = _length;
    }

    private bool HasRoom(int bytes) => Count < MaxFields && _length + bytes + 4 <= MaxBytes;

    /// <summary>Puts colon, value and line end behind a name that is there.</summary>
    private void Finish(int nameLength, ReadOnlySpan<byte> value)
    {
        int at = _length + nameLength;
        value.CopyTo(_bytes.AsSpan(at + 2));
        _bytes[at] = (byte)':';
        _bytes[at + 1] = (byte)' ';
        at += 2 + value.Length;
        _bytes[at] = (byte)'\r';
        _bytes[at + 1] = (byte)'\n';
        _length = _end = at + 2;
        Count++;
    }

    private void Grow(int more)
    {
        if (_end + more <= _bytes.Length) return;
        Array.Resize(ref _bytes, Math.Max(FirstCapacity, Math.Max(_end + more, _bytes.Length * 2)));
    }
}
