using System.Numerics;

namespace DataPlane.Http.Bodies;

/// <summary>Writes chunk framing (RFC 9112 7.1), without extensions. Any thread; 0 bytes.</summary>
public static class ChunkedEncoder
{
    /// <summary>Eight hexadecimal digits and CRLF.</summary>
    public const int MaxSizeLineBytes = 10;

    /// <summary>Ends the body.</summary>
    public static ReadOnlySpan<byte> FinalChunk => "0\r\n\r\n"u8;

    /// <summary>Ends the data; trailers and <see cref="Crlf"/> follow.</summary>
    public static ReadOnlySpan<byte> LastSizeLine => "0\r\n"u8;

    /// <summary>Goes behind each chunk's data.</summary>
    public static ReadOnlySpan<byte> Crlf => "\r\n"u8;

    /// <summary>Returns the bytes written. A length of 0 or less is our own mistake: a chunk of that size would end the
    /// body.</summary>
    public static int WriteSizeLine(Span<byte> destination, int dataLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dataLength);
        var digits = (BitOperations.Log2((uint)dataLength) / 4) + 1;
        destination[digits + 1] = (byte)'\n';
        destination[digits] = (byte)'\r';
        var rest = dataLength;
        for (var at = digits - 1; at >= 0; at--)
        {
            destination[at] = "0123456789abcdef"u8[rest & 0xf];
            rest >>= 4;
        }

        return digits + 2;
    }
}
