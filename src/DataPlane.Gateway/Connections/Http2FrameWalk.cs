using System.Buffers.Binary;
using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Steps over the frames of one direction of an HTTP/2 connection (RFC 9113 4.1), whatever pieces its bytes come in: of
/// each frame the head is seen once, the payload is left out. A mutable value; one thread at a time; 0 bytes.
/// </summary>
internal struct Http2FrameWalk(int leadBytes)
{
    public const int HeadBytes = 9;

    // The head as far as it has come, without its last byte.
    private ulong _gathered;
    private int _headBytes;
    private int _skip = leadBytes;

    /// <summary>Of the frame that <see cref="TryNext"/> stopped at.</summary>
    public Http2FrameType Type { get; private set; }

    public byte Flags { get; private set; }

    public int Length { get; private set; }

    public int Stream { get; private set; }

    /// <summary>True at a frame's head: <paramref name="bytes"/> begins with its payload. False at the end.</summary>
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
                Take(BinaryPrimitives.ReadUInt64BigEndian(bytes), bytes[HeadBytes - 1]);
                bytes = bytes[HeadBytes..];
                return true;
            }
            byte next = bytes[0];
            bytes = bytes[1..];
            if (++_headBytes < HeadBytes)
            {
                _gathered = (_gathered << 8) | next;
                continue;
            }
            _headBytes = 0;
            Take(_gathered, next);
            return true;
        }
    }

    private void Take(ulong head, byte last)
    {
        Length = (int)(head >> 40);
        Type = (Http2FrameType)(byte)(head >> 32);
        Flags = (byte)(head >> 24);
        Stream = (int)((((head & 0xffffff) << 8) | last) & int.MaxValue);
        _skip = Length;
    }
}
