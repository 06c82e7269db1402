using System.Buffers.Binary;

namespace DataPlane.Http.Http2;

/// <summary>
/// The nine octets in front of each frame's payload (RFC 9113 4.1). <paramref name="Length"/> is the payload's, 0 to
/// 2^24-1; the reserved bit of <paramref name="Stream"/> is left out. 0 bytes.
/// </summary>
public readonly record struct Http2FrameHead(int Length, Http2FrameType Type, Http2Flags Flags, int Stream)
{
    public const int Bytes = 9;

    /// <summary>Longest payload unless a setting says something else.</summary>
    public const int DefaultPayloadBytes = 16 * 1024;

    /// <summary>Windows are no larger than this (RFC 9113 6.9.1).</summary>
    public const int LargestWindow = int.MaxValue;

    /// <summary>A window before any setting.</summary>
    public const int DefaultWindow = 65_535;

    /// <summary>From the first <see cref="Bytes"/> octets.</summary>
    public static Http2FrameHead Read(ReadOnlySpan<byte> bytes)
    {
        uint word = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        int stream = BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue;
        return new Http2FrameHead((int)(word >> 8), (Http2FrameType)(byte)word, (Http2Flags)bytes[4], stream);
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, ((uint)Length << 8) | (byte)Type);
        destination[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(destination[5..], Stream);
    }

    public bool Has(Http2Flags flag) => (Flags & flag) != 0;
}
