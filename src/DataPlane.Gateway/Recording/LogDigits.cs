using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Decimal numbers of a log line, two digits at a time. The caller has made sure of the room. 0 bytes.
/// </summary>
internal static class LogDigits
{
    /// <summary>A long with its sign.</summary>
    public const int MaxBytes = 20;

    /// <summary>The point and six digits.</summary>
    public const int FractionBytes = 7;

    private const int Million = 1_000_000;

    /// <summary>00 01 02 ... 99.</summary>
    private static readonly byte[] s_pairs = RenderPairs();

    /// <summary>Writes up to <see cref="MaxBytes"/>; how many.</summary>
    public static int Write(long value, ref byte to)
    {
        if (value is < 0 or > uint.MaxValue) return WriteLong(value, ref to);
        uint rest = (uint)value;
        int length = LengthOf(rest);
        int at = length;
        while (rest >= 100)
        {
            (rest, uint pair) = Math.DivRem(rest, 100);
            at -= 2;
            Pair(ref to, at, pair);
        }
        if (at == 2) Pair(ref to, 0, rest);
        else to = (byte)('0' + rest);
        return length;
    }

    /// <summary>Seconds with six decimals; nothing is below 0. The bytes written.</summary>
    public static int WriteSeconds(long microseconds, ref byte to)
    {
        int length = 1;
        uint fraction = (uint)Math.Max(0, microseconds);
        if (microseconds < Million)
        {
            to = (byte)'0';
        }
        else
        {
            (long seconds, long rest) = Math.DivRem(microseconds, Million);
            length = Write(seconds, ref to);
            fraction = (uint)rest;
        }
        Unsafe.Add(ref to, length) = (byte)'.';
        uint thousandths = fraction / 100;
        Pair(ref to, length + 1, thousandths / 100);
        Pair(ref to, length + 3, thousandths % 100);
        Pair(ref to, length + 5, fraction % 100);
        return length + FractionBytes;
    }

    private static int LengthOf(uint value) => value switch
    {
        < 10 => 1,
        < 100 => 2,
        < 1_000 => 3,
        < 10_000 => 4,
        < 100_000 => 5,
        < Million => 6,
        < 10_000_000 => 7,
        < 100_000_000 => 8,
        < 1_000_000_000 => 9,
        _ => 10,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WriteLong(long value, ref byte to)
    {
        var room = MemoryMarshal.CreateSpan(ref to, MaxBytes);
        value.TryFormat(room, out int written, default, CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary><paramref name="value"/> is below 100.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(ref byte to, int at, uint value) => Unsafe.WriteUnaligned(
        ref Unsafe.Add(ref to, at),
        Unsafe.ReadUnaligned<ushort>(
            ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(s_pairs), (nint)(value * 2))));

    private static byte[] RenderPairs() =>
        [.. Enumerable.Range(0, 100).SelectMany(each => new[] { (byte)('0' + each / 10), (byte)('0' + each % 10) })];
}
