using System.Buffers.Binary;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// The hash that keys and endpoints are spread by. Not keyed, and the same on every machine and in every release:
/// gateways side by side must send a key to the same endpoint. Any thread; 0 bytes.
/// </summary>
internal static class Hashing
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15; // 2^64 / golden ratio, odd

    public static ulong Of(ReadOnlySpan<byte> text, ulong seed)
    {
        ulong hash = Mix(seed ^ ((ulong)text.Length * Multiplier));
        while (text.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[sizeof(ulong)..];
        }
        ulong tail = 0;
        for (int each = 0; each < text.Length; each++) tail |= (ulong)text[each] << (8 * each);
        return Mix(hash ^ tail);
    }

    /// <summary>Spreads every bit over all (the finalizer of SplitMix64).</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
