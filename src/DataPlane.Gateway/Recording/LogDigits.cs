using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Decimal numbers of a log line: the small ones from a table, others eight digits at a time in one word, without a
/// branch per digit. The caller has made sure of the room; bytes of it behind the number may be overwritten. 0 bytes.
/// </summary>
internal static class LogDigits
{
    /// <summary>A long with its sign.</summary>
    public const int MaxBytes = 20;

    /// <summary>The point and six digits.</summary>
    public const int FractionBytes = 7;

    private const int Million = 1_000_000;
    private const ulong Zeros = 0x3030_3030_3030_3030;

    /// <summary>0 to 999, as statuses, tries and many sizes are: up to three digits, and in byte 3 how many.</summary>
    private static readonly uint[] s_small = [.. Enumerable.Range(0, 1000).Select(RenderSmall)];

    /// <summary>Writes up to <see cref="MaxBytes"/>; how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(long value, ref byte to)
    {
        if ((ulong)value >= (ulong)s_small.Length) return WriteMany(value, ref to);
        uint small = s_small[value];
        Unsafe.WriteUnaligned(
            ref to, BitConverter.IsLittleEndian ? small : BinaryPrimitives.ReverseEndianness(small));
        return (int)(small >> 24);
    }

    /// <summary>Seconds with six decimals; nothing is below 0. The bytes written.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int WriteSeconds(long microseconds, ref byte to)
    {
        if ((ulong)microseconds >= 10 * Million) return WriteManySeconds(microseconds, ref to);
        ulong digits = EightDigits((uint)microseconds) | Zeros;
        // The first digit is no longer needed: the second takes its place, and the point the second's.
        WriteWord((digits & ~0xffffUL) | (ulong)'.' << 8 | (digits >> 8 & 0xff), ref to);
        return sizeof(ulong);
    }

    /// <summary>
    /// The digits of a number below 10^8, one in a byte, the first in the lowest. The number is divided into halves of
    /// four digits, these into quarters of two, and these into digits; all parts at once, by multiplication with a
    /// rounded reciprocal that is exact for so few digits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EightDigits(uint value)
    {
        uint upper = value / 10_000;
        ulong halves = upper | (ulong)(value - upper * 10_000) << 32;
        ulong hundreds = halves * 5243 >> 19 & 0x0000_007f_0000_007f;
        ulong quarters = hundreds + (halves - hundreds * 100 << 16);
        ulong tens = quarters * 103 >> 10 & 0x000f_000f_000f_000f;
        return tens + (quarters - tens * 10 << 8);
    }

    /// <summary>Its lowest byte first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteWord(ulong text, ref byte to) => Unsafe.WriteUnaligned(
        ref to, BitConverter.IsLittleEndian ? text : BinaryPrimitives.ReverseEndianness(text));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WriteMany(long value, ref byte to)
    {
        if ((ulong)value >= 100_000_000) return WriteLong(value, ref to);
        ulong digits = EightDigits((uint)value);
        // The last digit stays also when it is zero.
        int leading = BitOperations.TrailingZeroCount(digits | 1UL << 56) & ~7;
        WriteWord((digits | Zeros) >> leading, ref to);
        return sizeof(ulong) - leading / 8;
    }

    private static uint RenderSmall(int value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        uint word = (uint)text.Length << 24;
        for (int each = 0; each < text.Length; each++) word |= (uint)text[each] << 8 * each;
        return word;
    }

    private static int WriteLong(long value, ref byte to)
    {
        var room = MemoryMarshal.CreateSpan(ref to, MaxBytes);
        value.TryFormat(room, out int written, default, CultureInfo.InvariantCulture);
        return written;
    }

    private static int WriteManySeconds(long microseconds, ref byte to)
    {
        (long seconds, long fraction) = Math.DivRem(Math.Max(0, microseconds), Million);
        int length = Write(seconds, ref to);
        Unsafe.Add(ref to, length) = (byte)'.';
        WriteWord((EightDigits((uint)fraction) | Zeros) >> 16, ref Unsafe.Add(ref to, length + 1));
        return length + FractionBytes;
    }
}
