using System.Numerics;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// Pinned byte arrays of one loop, in powers of two from 1 KiB to 128 KiB. Connections and exchanges rent while they
/// have something to say; an idle connection holds none. Loop thread only; 0 bytes while the pool has a spare.
/// </summary>
public sealed class SlabPool
{
    public const int SmallestBytes = 1024;
    public const int LargestBytes = 128 * 1024;
    private const int ClassCount = 8;

    /// <summary>Spare bytes kept per size; above it a returned array is left to the collector.</summary>
    private const int SpareBytesPerClass = 1024 * 1024;

    private readonly byte[][][] _spares = new byte[ClassCount][][];
    private readonly int[] _counts = new int[ClassCount];

    public SlabPool()
    {
        for (int each = 0; each < ClassCount; each++) _spares[each] = new byte[SpareBytesPerClass >> (10 + each)][];
    }

    /// <summary>Arrays rented and not returned yet: 0 when the loop is idle, which tests check.</summary>
    public int Outstanding { get; private set; }

    /// <summary>
    /// At least <paramref name="minimumBytes"/>; above 128 KiB an array of that very size, never kept.
    /// </summary>
    public byte[] Rent(int minimumBytes)
    {
        Outstanding++;
        if (minimumBytes > LargestBytes) return GC.AllocateUninitializedArray<byte>(minimumBytes, pinned: true);
        int sizeClass = ClassOf(minimumBytes);
        ref int count = ref _counts[sizeClass];
        if (count == 0) return GC.AllocateUninitializedArray<byte>(SmallestBytes << sizeClass, pinned: true);
        return _spares[sizeClass][--count];
    }

    public void Return(byte[] slab)
    {
        Outstanding--;
        if (slab.Length > LargestBytes) return;
        int sizeClass = ClassOf(slab.Length);
        ref int count = ref _counts[sizeClass];
        var spares = _spares[sizeClass];
        if (count < spares.Length) spares[count++] = slab;
    }

    private static int ClassOf(int bytes) =>
        bytes <= SmallestBytes ? 0 : BitOperations.Log2((uint)bytes - 1) - 9;
}
