using System.Buffers;
using System.Numerics;

namespace DataPlane.Http.Headers;

/// <summary>The byte classes of RFC 9110 5.5 and 5.6.2.</summary>
internal static class FieldBytes
{
    /// <summary>tchar: what method and field names consist of.</summary>
    public static readonly SearchValues<byte> Token = SearchValues.Create(TokenBytes);

    /// <summary><see cref="Token"/> for a <see cref="HeadBlock"/>.</summary>
    public static readonly AsciiSet TokenSet = new(TokenBytes);

    /// <summary>Every control byte but HTAB: one of these ends the scan of a value or reason phrase, and only CR may.
    /// Bytes from 0x80 on are obs-text and pass.</summary>
    public static readonly SearchValues<byte> ValueStop = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
         31, 127]);

    private static ReadOnlySpan<byte> TokenBytes =>
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8;

    /// <summary>
    /// 1 for the bytes of <see cref="Token"/>: names are short, a table beats setting up a vector scan.
    /// </summary>
    private static ReadOnlySpan<byte> TokenTable =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
        0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Token bytes at the beginning.</summary>
    public static int CountToken(ReadOnlySpan<byte> bytes)
    {
        var table = TokenTable;
        var count = 0;
        while (count < bytes.Length && table[bytes[count]] != 0)
            count++;
        return count;
    }

    /// <summary>Where <see cref="ValueStop"/> first matches from <paramref name="start"/> on, or -1.</summary>
    public static int IndexOfValueStop(ReadOnlySpan<byte> bytes, int start)
    {
        if (!HeadBlock.CanRead(bytes))
        {
            var rest = bytes[start..].IndexOfAny(ValueStop);
            return rest < 0 ? -1 : start + rest;
        }

        for (; start < bytes.Length; start += HeadBlock.Bytes)
        {
            var stops = new HeadBlock(bytes, start).ValueStops;
            if (stops != 0)
                return start + BitOperations.TrailingZeroCount(stops);
        }

        return -1;
    }

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
