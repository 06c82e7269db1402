using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    /// <summary>Where <see cref="ValueStop"/> first matches from <paramref name="start"/> on, or -1. Inlined and
    /// without
    /// the set-up of a general scan, because most values are shorter than two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOfValueStop(ReadOnlySpan<byte> bytes, int start)
    {
        while (Vector256.IsHardwareAccelerated && bytes.Length - start >= Vector256<byte>.Count)
        {
            var block = Vector256.Create(bytes.Slice(start, Vector256<byte>.Count));
            var isControl = Vector256.Equals(Vector256.Min(block, Vector256.Create((byte)0x1f)), block);
            var isTab = Vector256.Equals(block, Vector256.Create((byte)'\t'));
            var isDelete = Vector256.Equals(block, Vector256.Create((byte)0x7f));
            var stops = (Vector256.AndNot(isControl, isTab) | isDelete).ExtractMostSignificantBits();
            if (stops != 0)
                return start + BitOperations.TrailingZeroCount(stops);
            start += Vector256<byte>.Count;
        }

        var rest = bytes[start..].IndexOfAny(ValueStop);
        return rest < 0 ? -1 : start + rest;
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
