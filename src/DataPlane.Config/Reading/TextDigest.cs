using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DataPlane.Config.Reading;

/// <summary>
/// 122 bits of a text, for finding equal ones: two polynomials modulo a prime, at points drawn when the process starts.
/// Two different texts of 64 Ki characters have the same by a chance of 1 in 2^92 (Carter and Wegman, Universal classes
/// of hash functions, 1979), whoever wrote them. Means nothing to another process. A third of what SHA-256 takes for
/// texts of some hundred characters, of which a load has twice as many as routes. Any thread; 0 bytes.
/// </summary>
internal static class TextDigest
{
    private const ulong Prime = (1UL << 61) - 1;

    /// <summary>Three characters: as many as are less than the prime.</summary>
    private const int StepBytes = 6;
    private const ulong StepMask = (1UL << 48) - 1;

    private static readonly ulong s_first = Point();
    private static readonly ulong s_second = Point();

    public static UInt128 Of(ReadOnlySpan<char> text)
    {
        var bytes = MemoryMarshal.AsBytes(text);
        // The length comes first, so that zero characters at the end count.
        ulong first = (ulong)bytes.Length, second = first;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[StepBytes..])
        {
            ulong part = BinaryPrimitives.ReadUInt64LittleEndian(bytes) & StepMask;
            first = Next(first, s_first, part);
            second = Next(second, s_second, part);
        }
        Span<byte> rest = stackalloc byte[2 * sizeof(ulong)];
        rest.Clear();
        bytes.CopyTo(rest);
        for (int at = 0; at < bytes.Length; at += StepBytes)
        {
            ulong part = BinaryPrimitives.ReadUInt64LittleEndian(rest[at..]) & StepMask;
            first = Next(first, s_first, part);
            second = Next(second, s_second, part);
        }
        return new UInt128(first % Prime, second % Prime);
    }

    /// <summary>sum * point + part modulo the prime, below twice the prime.</summary>
    private static ulong Next(ulong sum, ulong point, ulong part)
    {
        ulong high = Math.BigMul(sum, point, out ulong low);
        // 2^61 is 1 modulo the prime, so the bits above count as if they stood below.
        ulong folded = (low & Prime) + ((high << 3) | (low >> 61)) + part;
        return (folded & Prime) + (folded >> 61);
    }

    private static ulong Point() => SecretNumber.Next() % (Prime - 1) + 1;
}
