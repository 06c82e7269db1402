using System.Numerics;
using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// A shard's entries and the memory that they lie in. An entry is freed when the last of its users lets go: the index,
/// leases, later versions that share its body. Under the shard's gate, all but <see cref="Acquire"/> and the memory of
/// blocks; 0 bytes but for new arenas.
/// </summary>
internal sealed unsafe class EntryTable
{
    private readonly CacheShard _shard;
    private readonly DiskTier? _disk;
    private readonly BlockPool _blocks;
    private readonly RowPool _rows;
    private readonly KeyIndex _index;
    private readonly UrlIndex _urls;
    private readonly EvictionQueues _queues;
    private long _fixedBytes;
    private long _leavingBytes;
    private long _savedBytes;
    private long _evictions;
    private long _purged;
    private int _entries;

    /// <summary><paramref name="fixedBytes"/> of the capacity are somebody else's.</summary>
    public EntryTable(CacheShard shard, long capacityBytes, long fixedBytes, bool poisons, DiskTier? disk)
    {
        _shard = shard;
        _disk = disk;
        int places = PlacesFor(capacityBytes);
        _index = new KeyIndex(shard, places);
        _urls = new UrlIndex(places);
        _queues = new EvictionQueues(places);
        _fixedBytes = fixedBytes + (3L * places * sizeof(long));
        _blocks = new BlockPool(capacityBytes - _fixedBytes, poisons);
        _rows = new RowPool(_blocks, (int)Math.Clamp(capacityBytes / 32, 4096, CacheLimits.ArenaBytes));
    }

    /// <summary>Places that <see cref="Sweep"/> and <see cref="Empty"/> have to go through; it only grows.</summary>
    public int Places => _index.Places;

    public CacheCounts Counts => new()
    {
        Entries = Volatile.Read(ref _entries),
        Bytes = _fixedBytes + _blocks.TakenBytes,
        ReservedBytes = _fixedBytes + _blocks.ArenaBytes,
        CapacityBytes = _fixedBytes + _blocks.LimitBytes,
        SavedBytes = Volatile.Read(ref _savedBytes),
        EvictionsTotal = Volatile.Read(ref _evictions),
        PurgedTotal = Volatile.Read(ref _purged),
    };

    /// <summary>Some purge has not been carried through: whether an entry is still there, and whether softly.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // seldom
    public static bool Passes(EntryRow* row, PurgeOrder[] orders)
    {
        foreach (var order in orders)
        {
            if (!order.Meets(row->Stamp, row->Url, row->Tags)) continue;
            if (!order.IsSoft) return false;
            EntryRow.MarkSoft(row, order.Stamp);
        }
        return true;
    }

    /// <summary>Any thread, without the gate.</summary>
    public EntryRow* Acquire(ulong hash, ReadOnlySpan<byte> key) => _index.Acquire(hash, key);

    public byte[] MemoryOf(Block* block) => _blocks.MemoryOf(block);

    public int OffsetOf(Block* block, byte* at) => _blocks.OffsetOf(block, at);

    public EntryRow* Find(ulong hash, ReadOnlySpan<byte> key) => _index.Find(hash, key);

    public EntryRow* FindUrl(uint hash, ReadOnlySpan<byte> url) => _urls.Find(hash, url);

    /// <summary>
    /// A block with room for so many bytes, or for <paramref name="leastBytes"/> when that is what there is; entries
    /// are evicted until there is one. When twice as much was freed and lies in pieces, one of
    /// <paramref name="inPiecesOf"/> will do.
    /// </summary>
    public Block* TakeBlock(int bytes, int leastBytes, int inPiecesOf)
    {
        long enough = _blocks.TakenBytes - (2L * bytes);
        while (true)
        {
            var block = _blocks.Take(bytes);
            if (block == null) block = _blocks.TakeLargest(bytes, leastBytes);
            if (block != null || !EvictOne(mayBeUsed: false)) return block;
            if (_blocks.TakenBytes < enough) leastBytes = Math.Min(leastBytes, inPiecesOf);
        }
    }

    /// <summary>A row with a record of so many bytes, nobody's yet; null when there is no memory.</summary>
    public EntryRow* TakeRow(int recordBytes)
    {
        var record = TakeBlock(recordBytes, recordBytes, inPiecesOf: recordBytes);
        if (record == null) return null;
        while (true)
        {
            var row = _rows.Take();
            if (row != null)
            {
                row->Record = record;
                return row;
            }
            if (EvictOne(mayBeUsed: false)) continue;
            _blocks.Free(record);
            return null;
        }
    }

    /// <summary>Gives back what a run has beyond what is stored in it.</summary>
    public void Trim(Block* run) => _blocks.Trim(run, run->StoredBytes);

    public void FreeRuns(Block* run)
    {
        for (Block* next; run != null; run = next)
        {
            next = run->Next;
            _blocks.Free(run);
        }
    }

    /// <summary>
    /// Shows the row to look-ups, when everything else of it is written, in the place of <paramref name="old"/> if
    /// there is one. The new version first, so that one of the two is always found.
    /// </summary>
    public void Link(EntryRow* row, EntryRow* old, int users)
    {
        row->QueuedBytes = WeightOf(row);
        _savedBytes += row->SavedBytes;
        Volatile.Write(ref row->References, users);
        _index.Link(row);
        _urls.Link(row);
        if (old == null)
        {
            _entries++;
            _queues.Admit(row);
            return;
        }
        _queues.Replace(old, row);
        Unlink(old);
    }

    /// <summary>The version of the same body that is there now; null when there is none.</summary>
    public EntryRow* FindSameBody(EntryRow* row)
    {
        if (row->IsLinked) return row;
        var current = _index.Find(row->Hash, row->Key);
        return current != null && current->BodyId == row->BodyId ? current : null;
    }

    public void Purge(EntryRow* row)
    {
        _purged++;
        _queues.Remove(row);
        TakeOut(row);
    }

    /// <summary>One user less.</summary>
    public void Drop(EntryRow* row)
    {
        if (Interlocked.Decrement(ref row->References) == 0) Free(row);
    }

    /// <summary>Gives back what was linked and has no users any more.</summary>
    public void Free(EntryRow* row)
    {
        _savedBytes -= row->SavedBytes;
        FreeUnlinked(row);
    }

    /// <summary>Gives back what was never linked.</summary>
    public void FreeUnlinked(EntryRow* row)
    {
        var owner = row->BodyOwner;
        FreeRuns(row->FirstSegment);
        _blocks.Free(row->Record);
        *row = default;
        _rows.Return(row);
        if (owner != null) Drop(owner);
    }

    /// <summary>Carries purges out at some places.</summary>
    public void Sweep(int from, int count, PurgeOrder[] orders)
    {
        int to = Math.Min(from + count, Places);
        for (int place = from; place < to; place++)
        {
            for (EntryRow* row = _index.ChainAt(place), next; row != null; row = next)
            {
                next = (EntryRow*)row->Chain;
                if (!Passes(row, orders)) Purge(row);
            }
        }
    }

    public void Resize(long capacityBytes)
    {
        _blocks.LimitBytes = capacityBytes - _fixedBytes;
        int places = PlacesFor(capacityBytes);
        if (places <= 2 * Places) return;
        // The ghosts stay as many as they were.
        long bytes = 2L * (places - Places) * sizeof(long);
        _fixedBytes += bytes;
        _blocks.LimitBytes -= bytes;
        _index.Grow(places);
        _urls.Grow(places);
    }

    /// <summary>
    /// With a disk, evicts in time what the next entries will need: the memory is free when it has been written. An
    /// entry or a few for each that came in.
    /// </summary>
    public void EvictAhead()
    {
        if (_disk is null) return;
        long most = _blocks.LimitBytes - (_blocks.LimitBytes / CacheLimits.AheadShare);
        for (int turns = 0; turns < CacheLimits.MostAhead; turns++)
        {
            bool isNeeded = _blocks.TakenBytes - _leavingBytes > most && _disk.HasRoom;
            if (!isNeeded || !EvictOne(mayBeUsed: false)) return;
        }
    }

    /// <summary>An evicted entry has been written; it is about to be let go.</summary>
    public void Leave(EntryRow* row) => _leavingBytes -= row->QueuedBytes;

    /// <summary>Evicts one entry if there is more than may be; false when there is not, or nothing to evict.</summary>
    public bool EvictExcess() => _blocks.TakenBytes > _blocks.LimitBytes && EvictOne(mayBeUsed: true);

    /// <summary>The number of an arena that is to go; -1 when none is.</summary>
    public int CloseArena() => _blocks.CloseOne();

    /// <summary>Evicts what has a block in this arena, at some places.</summary>
    public void Empty(int arena, int from, int count)
    {
        int to = Math.Min(from + count, Places);
        for (int place = from; place < to; place++)
        {
            for (EntryRow* row = _index.ChainAt(place), next; row != null; row = next)
            {
                next = (EntryRow*)row->Chain;
                if (!HasBlockIn(row, arena)) continue;
                _evictions++;
                _queues.Remove(row);
                TakeOut(row);
            }
        }
    }

    private static int PlacesFor(long capacityBytes) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacityBytes / 1024, 64, 1 << 26));

    private static int WeightOf(EntryRow* row)
    {
        int bytes = EntryRow.Bytes + row->Record->Bytes;
        for (var run = row->FirstOfBody; run != null; run = run->Next) bytes += run->Bytes;
        return bytes;
    }

    private static bool HasBlockIn(EntryRow* row, int arena)
    {
        if (row->Record->Arena == arena) return true;
        if (row->BodyOwner != null && row->BodyOwner->Record->Arena == arena) return true;
        for (var run = row->FirstOfBody; run != null; run = run->Next)
        {
            if (run->Arena == arena) return true;
        }
        return false;
    }

    private bool EvictOne(bool mayBeUsed)
    {
        var row = _queues.TakeVictim(mayBeUsed);
        if (row == null) return false;
        _evictions++;
        if (_disk?.TryTake(_shard, row) == true) _leavingBytes += row->QueuedBytes;
        TakeOut(row);
        return true;
    }

    private void TakeOut(EntryRow* row)
    {
        _entries--;
        Unlink(row);
    }

    private void Unlink(EntryRow* row)
    {
        _index.Unlink(row);
        _urls.Unlink(row);
        Drop(row);
    }
}
