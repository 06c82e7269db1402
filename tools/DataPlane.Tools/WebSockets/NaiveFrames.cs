using System.Buffers.Binary;

namespace DataPlane.Tools.WebSockets;

/// <summary>WebSocket frames (RFC 6455 5.2) as far as an echo needs them, with code of its own.</summary>
internal static class NaiveFrames
{
    /// <summary>Bytes of the frame at the front, or 0 when it is not there whole.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        int header = HeaderOf(bytes, out int payload);
        return header == 0 || bytes.Length < header + payload ? 0 : header + payload;
    }

    /// <summary>The frame's payload, a client's unmasked in place.</summary>
    public static Span<byte> PayloadOf(Span<byte> frame)
    {
        int header = HeaderOf(frame, out int length);
        var payload = frame.Slice(header, length);
        if (frame[1] < 0x80) return payload;
        var mask = frame.Slice(header - 4, 4);
        for (int at = 0; at < payload.Length; at++) payload[at] ^= mask[at & 3];
        return payload;
    }

    /// <summary>Writes a whole message as a server sends it, or under a mask as a client does; bytes written.</summary>
    public static int Write(Span<byte> destination, byte opcode, ReadOnlySpan<byte> payload, bool isMasked)
    {
        byte bit = (byte)(isMasked ? 0x80 : 0);
        destination[0] = (byte)(0x80 | opcode);
        int at = 2;
        if (payload.Length < 126)
        {
            destination[1] = (byte)(bit | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            destination[1] = (byte)(bit | 126);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payload.Length);
            at = 4;
        }
        else
        {
            destination[1] = (byte)(bit | 127);
            BinaryPrimitives.WriteInt64BigEndian(destination[2..], payload.Length);
            at = 10;
        }
        // A mask of zeros is a mask: what is measured is not the load's arithmetic.
        if (isMasked)
        {
            destination.Slice(at, 4).Clear();
            at += 4;
        }
        payload.CopyTo(destination[at..]);
        return at + payload.Length;
    }

    private static int HeaderOf(ReadOnlySpan<byte> bytes, out int payload)
    {
        payload = 0;
        if (bytes.Length < 2) return 0;
        int mask = bytes[1] >= 0x80 ? 4 : 0;
        int code = bytes[1] & 0x7f;
        int more = code switch { 126 => 2, 127 => 8, _ => 0 };
        if (bytes.Length < 2 + more + mask) return 0;
        payload = more switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => (int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => code,
        };
        return 2 + more + mask;
    }
}
