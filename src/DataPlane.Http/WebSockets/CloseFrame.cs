using System.Buffers.Binary;

namespace DataPlane.Http.WebSockets;

/// <summary>Writes Close frames (RFC 6455 5.5.1). Any thread; 0 bytes.</summary>
public static class CloseFrame
{
    /// <summary>Header, mask and the longest payload of a control frame.</summary>
    public const int MaxBytes = 2 + 4 + 125;

    /// <summary>1001: the endpoint goes away, come again (7.4.1).</summary>
    public const ushort GoingAway = 1001;

    private const byte FinalClose = 0x88;
    private const byte Masked = 0x80;

    /// <summary>As a server sends it. <paramref name="reason"/>: at most 123 bytes of UTF-8.</summary>
    public static int Write(Span<byte> destination, ushort code, ReadOnlySpan<byte> reason)
    {
        destination[0] = FinalClose;
        destination[1] = (byte)(2 + reason.Length);
        return 2 + WritePayload(destination[2..], code, reason);
    }

    /// <summary>As a client sends it: under a mask (5.3).</summary>
    public static int WriteMasked(Span<byte> destination, ushort code, ReadOnlySpan<byte> reason, uint mask)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(key, mask);
        destination[0] = FinalClose;
        destination[1] = (byte)(Masked | (2 + reason.Length));
        key.CopyTo(destination[2..]);
        int length = WritePayload(destination[6..], code, reason);
        for (int at = 0; at < length; at++) destination[6 + at] ^= key[at & 3];
        return 6 + length;
    }

    private static int WritePayload(Span<byte> destination, ushort code, ReadOnlySpan<byte> reason)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, code);
        reason.CopyTo(destination[2..]);
        return 2 + reason.Length;
    }
}
