namespace DataPlane.Gateway.Recording;

/// <summary>
/// One number counted by every loop: a 64-bit cell per loop, two cache lines apart because the prefetcher fetches lines
/// in pairs. 0 bytes per call; the sum is of values each at most one store old.
/// </summary>
public sealed class ShardedCounter(int shards)
{
    private const int CellsPerShard = 16;

    private readonly long[] _cells = new long[(shards + 1) * CellsPerShard];

    /// <summary>The thread of loop <paramref name="shard"/> only.</summary>
    public void Add(int shard, long amount)
    {
        // The first group is padding against whatever object lies in front of the array.
        ref long cell = ref _cells[(shard + 1) * CellsPerShard];
        Volatile.Write(ref cell, cell + amount);
    }

    /// <summary>Any thread.</summary>
    public long Read()
    {
        long sum = 0;
        for (int each = CellsPerShard; each < _cells.Length; each += CellsPerShard)
        {
            sum += Volatile.Read(ref _cells[each]);
        }
        return sum;
    }
}
