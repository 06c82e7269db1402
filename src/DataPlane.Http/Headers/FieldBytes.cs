using System.Buffers;

namespace DataPlane.Http.Headers;

/// <summary>The byte classes of RFC 9110 5.5 and 5.6.2.</summary>
internal static class FieldBytes
{
    /// <summary>tchar: what method and field names consist of.</summary>
    public static readonly SearchValues<byte> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    /// <summary>Every control byte but HTAB: one of these ends the scan of a value or reason phrase, and only CR may.
    /// Bytes from 0x80 on are obs-text and pass.</summary>
    public static readonly SearchValues<byte> ValueStop = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
         31, 127]);

    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(Token);

    public static bool IsWhiteSpace(byte b) => b is (byte)' ' or (byte)'\t';

    /// <summary>Without the optional white space (SP and HTAB) at both ends.</summary>
    public static ByteRange Trim(ReadOnlySpan<byte> bytes, int start, int end)
    {
        while (start < end && IsWhiteSpace(bytes[start]))
            start++;
        while (end > start && IsWhiteSpace(bytes[end - 1]))
            end--;
        return new ByteRange(start, end - start);
    }
}
