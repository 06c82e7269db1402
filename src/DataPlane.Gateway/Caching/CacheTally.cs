using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Caching;

/// <summary>What became of a route's exchanges in its cache: a group of numbers for each loop.</summary>
internal sealed class CacheTally(int loops)
{
    /// <summary>Two cache lines of 64-bit cells.</summary>
    private const int CellsPerLoop = 16;

    // The first group is padding.
    private readonly long[] _cells = new long[(loops + 1) * CellsPerLoop];

    /// <summary>The thread of loop <paramref name="loop"/>; 0 bytes.</summary>
    public void Add(int loop, CacheResult result)
    {
        ref long cell = ref _cells[((loop + 1) * CellsPerLoop) + (int)result];
        Volatile.Write(ref cell, cell + 1);
    }

    /// <summary>Any thread.</summary>
    public long Read(CacheResult result)
    {
        long sum = 0;
        for (int group = CellsPerLoop; group < _cells.Length; group += CellsPerLoop)
            sum += Volatile.Read(ref _cells[group + (int)result]);
        return sum;
    }
}
