namespace DataPlane.Http.WebSockets;

/// <summary>
/// Follows the frames of one direction of a WebSocket (RFC 6455 5.2) through pieces of any size, without looking at
/// payloads: where a frame ends is where somebody else may put one of his own. Tolerant on purpose: reserved bits,
/// unknown opcodes, masks and long control frames are the business of the two ends, which negotiated them; only a
/// length that no frame can have is refused, because after it nobody knows where the next frame begins.
/// </summary>
/// <remarks>A mutable value: keep it in a field, do not copy it while in use. 0 bytes. One caller.</remarks>
public struct FrameWalker
{
    private const int ShortHeaderBytes = 2;
    private const int MaskBytes = 4;
    private const byte CloseOpcode = 8;

    private ulong _payloadLeft;
    private ulong _length;
    private byte _opcode;
    private byte _headerSeen;
    private byte _headerBytes;
    private byte _lengthEnd;

    /// <summary>The next byte is the first of a frame.</summary>
    public readonly bool IsBetweenFrames => _headerSeen == 0 && _payloadLeft == 0;

    /// <summary>A whole Close frame has gone by: no data follows it (RFC 6455 5.5.1).</summary>
    public bool HasClosed { get; private set; }

    /// <summary>A frame told a length of 2^63 bytes or more; nothing is taken any more.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Payload bytes of the current frame still to come; 0 inside a header.</summary>
    public readonly long PayloadLeft => (long)_payloadLeft;

    /// <summary>Goes over all of <paramref name="bytes"/>. False when it got lost in them.</summary>
    public bool Walk(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsLost) bytes = bytes[Take(bytes)..];
        return !IsLost;
    }

    /// <summary>
    /// Goes on to the end of a frame, or of <paramref name="bytes"/>, and answers how many of them that took: at least
    /// one, of at most one frame.
    /// </summary>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        if (_payloadLeft == 0)
        {
            if (!TryTakeShortHeader(bytes, ref at) && !TryTakeHeader(bytes, ref at)) return at;
            if (_payloadLeft == 0)
            {
                EndFrame();
                return at;
            }
        }
        int taken = (int)Math.Min(_payloadLeft, (ulong)(bytes.Length - at));
        Skip(taken);
        return at + taken;
    }

    /// <summary>Payload that was moved without being seen: at most <see cref="PayloadLeft"/>.</summary>
    public void Skip(long payload)
    {
        _payloadLeft -= (ulong)payload;
        if (_payloadLeft == 0 && payload > 0) EndFrame();
    }

    /// <summary>The usual case: a header of a short frame that is there whole.</summary>
    private bool TryTakeShortHeader(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (_headerSeen != 0 || bytes.Length < ShortHeaderBytes + MaskBytes) return false;
        int length = bytes[1] & 0x7f;
        if (length > 125) return false;
        _opcode = (byte)(bytes[0] & 0x0f);
        _payloadLeft = (ulong)length;
        at = ShortHeaderBytes + (bytes[1] >> 7) * MaskBytes;
        return true;
    }

    /// <summary>Byte by byte. True once the header is complete.</summary>
    private bool TryTakeHeader(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length)
        {
            byte b = bytes[at++];
            int index = _headerSeen++;
            if (index == 0) _opcode = (byte)(b & 0x0f);
            else if (index == 1) BeginLength(b);
            else if (index < _lengthEnd) _length = _length << 8 | b;
            if (index == 0 || _headerSeen < _headerBytes) continue;
            _headerSeen = 0;
            IsLost = _length > long.MaxValue;
            _payloadLeft = IsLost ? 0 : _length;
            return !IsLost;
        }
        return false;
    }

    private void BeginLength(byte second)
    {
        int length = second & 0x7f;
        int more = length switch { 126 => 2, 127 => 8, _ => 0 };
        _length = more == 0 ? (ulong)length : 0;
        _lengthEnd = (byte)(ShortHeaderBytes + more);
        _headerBytes = (byte)(_lengthEnd + (second >> 7) * MaskBytes);
    }

    private void EndFrame()
    {
        if (_opcode == CloseOpcode) HasClosed = true;
    }
}
