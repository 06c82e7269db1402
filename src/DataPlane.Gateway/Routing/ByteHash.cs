using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// Hash of path segments and host names: all bytes count, so that names alike at both ends (<c>item-0001-details</c>)
/// do not pile up. Not keyed: the table's keys are the operator's, and a peer who picks its probe meets at worst the
/// longest run of the operator's own table. Any thread; 0 bytes.
/// </summary>
internal static class ByteHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15; // 2^64 / golden ratio, odd: Knuth's multiplicative hashing

    /// <summary>Bit 5 of every byte: letters of both cases fold together, and the compare tells the rest
    /// apart.</summary>
    private const ulong CaseFold = 0x2020202020202020;

    public static uint Of(ReadOnlySpan<byte> text) => Mix(text, 0);

    public static uint OfIgnoringCase(ReadOnlySpan<byte> text) => Mix(text, CaseFold);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // lets the fold of 0 vanish from the segment's copy
    private static uint Mix(ReadOnlySpan<byte> text, ulong fold)
    {
        var hash = (ulong)text.Length * Multiplier;
        while (text.Length >= sizeof(ulong))
        {
            hash = (hash ^ (BinaryPrimitives.ReadUInt64LittleEndian(text) | fold)) * Multiplier;
            hash ^= hash >> 32;
            text = text[sizeof(ulong)..];
        }
        // Up to seven bytes in two overlapping reads instead of a loop.
        ulong tail = 0;
        if (text.Length >= sizeof(uint))
        {
            tail = BinaryPrimitives.ReadUInt32LittleEndian(text)
                | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(text[^sizeof(uint)..]) << 32);
        }
        else if (!text.IsEmpty)
        {
            tail = text[0] | ((ulong)text[text.Length / 2] << 8) | ((ulong)text[^1] << 16);
        }
        hash = (hash ^ (tail | fold)) * Multiplier;
        return (uint)(hash >> 32);
    }
}
