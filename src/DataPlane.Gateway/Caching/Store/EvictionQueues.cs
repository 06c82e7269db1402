namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Who has to go: S3-FIFO (Yang and others, "FIFO queues are all you need for cache eviction", SOSP 2023). Newcomers
/// pass through a small queue, a tenth of the bytes, and go to the main one only when they were asked for meanwhile,
/// or again soon after; the main queue gives those that were asked for another turn. A scan passes through the small
/// queue. A hit writes a byte and moves nothing, which is why it needs no lock. Under the shard's gate, but for the
/// hits; 0 bytes.
/// </summary>
internal sealed class EvictionQueues(int ghosts)
{
    /// <summary>A hit beyond this says nothing more.</summary>
    public const int MostHits = 3;

    /// <summary>Look-ups in the small queue that earn a place in the main one.</summary>
    private const int HitsForMain = 2;
    private const int SmallShare = 10;

    /// <summary>Rows given another turn for one that goes: what a fill may have to wait for is bounded.</summary>
    private const int MostTurns = 128;

    private readonly EntryQueue _small = new();
    private readonly EntryQueue _main = new();
    private readonly GhostKeys _ghosts = new(ghosts);

    public int Count => _small.Count + _main.Count;

    public unsafe void Admit(EntryRow* row)
    {
        row->Hits = 0;
        row->IsMain = _ghosts.Remove(row->Hash, Math.Max(_main.Count, _small.Count));
        QueueOf(row).Add(row);
    }

    public unsafe void Remove(EntryRow* row) => QueueOf(row).Remove(row);

    /// <summary>Another version of an entry: what was learned of the entry stays.</summary>
    public unsafe void Replace(EntryRow* row, EntryRow* by)
    {
        by->Hits = row->Hits;
        by->IsMain = row->IsMain;
        QueueOf(row).Replace(row, by);
    }

    /// <summary>
    /// The next to go, no longer in a queue; null when there is none. What is being sent would free nothing yet: it
    /// goes only if it <paramref name="mayBeUsed"/>.
    /// </summary>
    public unsafe EntryRow* TakeVictim(bool mayBeUsed)
    {
        for (int turns = 0; Count > 0; turns++)
        {
            bool isSmall = _main.Count == 0
                || (_small.Count > 0 && _small.Bytes * SmallShare >= _small.Bytes + _main.Bytes);
            var queue = isSmall ? _small : _main;
            var row = queue.Oldest;
            queue.Remove(row);
            bool isUsed = !mayBeUsed && Volatile.Read(ref row->References) > 1;
            bool isLate = turns >= MostTurns;
            if (!isUsed && (isLate || row->Hits < (isSmall ? HitsForMain : 1)))
            {
                if (isSmall) _ghosts.Add(row->Hash);
                return row;
            }
            if (isSmall && row->Hits >= HitsForMain) Promote(row);
            else if (!isSmall && row->Hits > 0) row->Hits--;
            QueueOf(row).Add(row);
            if (isLate) return null;
        }
        return null;
    }

    private static unsafe void Promote(EntryRow* row)
    {
        row->IsMain = true;
        row->Hits = 0;
    }

    private unsafe EntryQueue QueueOf(EntryRow* row) => row->IsMain ? _main : _small;
}
