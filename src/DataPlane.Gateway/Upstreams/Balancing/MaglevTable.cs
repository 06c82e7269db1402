namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// The look-up table of Maglev hashing (Eisenbud et al., NSDI 2016, 3.4): endpoints take turns, as often as their
/// weight says, to claim the next free slot of a permutation of their own. Removing one leaves almost every other slot
/// where it was. Building takes some milliseconds; immutable after that.
/// </summary>
internal static class MaglevTable
{
    /// <summary>A prime, and more than a hundred slots for each of the endpoints an upstream usually has.</summary>
    public const int Size = 65537;

    private const ulong OffsetSeed = 1;
    private const ulong SkipSeed = 2;
    private const byte Free = byte.MaxValue;

    /// <summary>
    /// Index of an endpoint per slot. Names decide the permutations: they must be the same on every gateway. At least
    /// one weight is above 0, at most <see cref="Limits.EndpointsPerUpstream"/> names.
    /// </summary>
    public static byte[] Build(IReadOnlyList<byte[]> names, ReadOnlySpan<int> weights)
    {
        int largest = 1;
        foreach (int weight in weights) largest = Math.Max(largest, weight);
        var places = new int[names.Count];
        var skips = new int[names.Count];
        var turns = new long[names.Count];
        for (int each = 0; each < names.Count; each++)
        {
            places[each] = (int)(Hashing.Of(names[each], OffsetSeed) % Size);
            skips[each] = (int)(Hashing.Of(names[each], SkipSeed) % (Size - 1)) + 1;
        }
        var table = new byte[Size];
        table.AsSpan().Fill(Free);
        for (int filled = 0; ;)
        {
            for (int each = 0; each < turns.Length; each++)
            {
                turns[each] += weights[each];
                if (turns[each] < largest) continue;
                turns[each] -= largest;
                while (table[places[each]] != Free) places[each] = (places[each] + skips[each]) % Size;
                table[places[each]] = (byte)each;
                if (++filled == Size) return table;
            }
        }
    }
}
