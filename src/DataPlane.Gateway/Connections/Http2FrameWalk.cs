using System.Buffers.Binary;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Steps over the frames of one direction of an HTTP/2 connection (RFC 9113 4.1), whatever pieces its bytes come in: of
/// each frame the head is seen once, the payload is left out. A mutable value; one thread at a time; 0 bytes.
/// </summary>
internal struct Http2FrameWalk(int leadBytes)
{
    public const int HeadBytes = 9;

    // The head as far as it has come: 8 bytes, and the last of the stream id, which nobody asks for.
    private ulong _gathered;
    private int _headBytes;
    private int _skip = leadBytes;

    /// <summary>Of the frame that <see cref="TryNext"/> stopped at.</summary>
    public Http2FrameType Type { get; private set; }

    public byte Flags { get; private set; }

    public int Length { get; private set; }

    /// <summary>True at a frame's head: <paramref name="bytes"/> begins with its payload then. False at the end.</summary>
    public bool TryNext(ref ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            if (_skip > 0)
            {
                int skipped = Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
            }
            if (bytes.IsEmpty) return false;
            if (_headBytes == 0 && bytes.Length >= HeadBytes)
            {
                Take(BinaryPrimitives.ReadUInt64BigEndian(bytes));
                bytes = bytes[HeadBytes..];
                return true;
            }
            if (_headBytes < 8) _gathered = (_gathered << 8) | bytes[0];
            bytes = bytes[1..];
            if (++_headBytes < HeadBytes) continue;
            _headBytes = 0;
            Take(_gathered);
            return true;
        }
    }

    private void Take(ulong head)
    {
        Length = (int)(head >> 40);
        Type = (Http2FrameType)(byte)(head >> 32);
        Flags = (byte)(head >> 24);
        _skip = Length;
    }
}
