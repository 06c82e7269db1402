using System.Numerics;
using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The entries of some of the keys, with memory of their own. Look-ups read without a lock; everything else passes one
/// at a time through a gate that is held for about a microsecond, and copies bytes outside of it. An entry is freed
/// when the last of its users lets go: the index, leases, later versions that share its body.
/// </summary>
internal sealed unsafe class CacheShard
{
    private readonly SpinGate _gate = new();
    private readonly PurgeList _purges;
    private readonly BlockPool _blocks;
    private readonly RowPool _rows;
    private readonly KeyIndex _index;
    private readonly UrlIndex _urls;
    private readonly EvictionQueues _queues;
    private readonly FillAccount _fills;
    private readonly long[] _removals;
    private readonly int _packsFromBytes;
    private long _fixedBytes;
    private long _savedBytes;
    private long _evictions;
    private long _purged;
    private long _refused;
    private uint _bodies;
    private int _entries;

    /// <summary>Bodies from <paramref name="packsFromBytes"/> are packed if there is a compressor.</summary>
    public CacheShard(
        PurgeList purges, long capacityBytes, IBlockCompressor? compressor, int packsFromBytes, bool poisons)
    {
        _purges = purges;
        Compressor = compressor;
        _packsFromBytes = packsFromBytes;
        int places = PlacesFor(capacityBytes);
        _index = new KeyIndex(this, places);
        _urls = new UrlIndex(places);
        _queues = new EvictionQueues(places);
        _removals = new long[Math.Min(places, CacheLimits.Removals)];
        _fixedBytes = (3L * places * sizeof(long)) + (_removals.Length * sizeof(long));
        _blocks = new BlockPool(capacityBytes - _fixedBytes, poisons);
        _rows = new RowPool(_blocks, (int)Math.Clamp(capacityBytes / 32, 4096, CacheLimits.ArenaBytes));
        _fills = new FillAccount(this) { MostBytes = capacityBytes / CacheLimits.FillShare };
    }

    public IBlockCompressor? Compressor { get; }

    public CacheCounts Counts => new()
    {
        Entries = Volatile.Read(ref _entries),
        Bytes = _fixedBytes + _blocks.TakenBytes,
        ReservedBytes = _fixedBytes + _blocks.ArenaBytes,
        CapacityBytes = _fixedBytes + _blocks.LimitBytes,
        FillsUnderWay = _fills.Count,
        FillBytes = _fills.Bytes,
        SavedBytes = Volatile.Read(ref _savedBytes),
        EvictionsTotal = Volatile.Read(ref _evictions),
        PurgedTotal = Volatile.Read(ref _purged),
        RefusedTotal = Volatile.Read(ref _refused),
    };

    public bool TryGet(ulong hash, ReadOnlySpan<byte> key, out CacheLease lease)
    {
        var row = _index.Acquire(hash, key);
        if (row == null)
        {
            lease = default;
            return false;
        }
        // The stamp before the orders: a purge in between counts as later than the lease.
        long stamp = _purges.Stamp;
        PurgeOrder[] orders = _purges.Active;
        if (orders.Length != 0 && !Passes(row, orders))
        {
            Release(row);
            lease = default;
            return false;
        }
        // Two that count at once may count as one.
        if (row->Hits < EvictionQueues.MostHits) row->Hits++;
        lease = new CacheLease(this, row, stamp);
        return true;
    }

    /// <summary>One user less; the last one frees what the row points to. Any thread.</summary>
    public void Release(EntryRow* row)
    {
        if (Interlocked.Decrement(ref row->References) != 0) return;
        _gate.Enter();
        Free(row);
        _gate.Leave();
    }

    public byte[] MemoryOf(Block* block) => _blocks.MemoryOf(block);

    public int OffsetOf(Block* block, byte* at) => _blocks.OffsetOf(block, at);

    public CacheFill Begin(CacheStore store, ulong hash, ReadOnlySpan<byte> key, long lengthHint, long stamp)
    {
        _gate.Enter();
        var fill = _fills.Begin();
        _gate.Leave();
        fill.Begin(store, hash, key, lengthHint, stamp);
        return fill;
    }

    /// <summary>Memory for the next run of a fill's body; null when it may not have any.</summary>
    public Block* TakeRun(int bytes)
    {
        int least = Math.Min(bytes, Math.Max(bytes / 8, CacheLimits.LeastRunBytes));
        _gate.Enter();
        var block = _fills.MayTake(bytes) ? TakeBlock(bytes, least, CacheLimits.LeastRunBytes) : null;
        if (block != null) _fills.Take(block->Bytes);
        _gate.Leave();
        return block;
    }

    /// <summary>Memory for a packed run, in one piece; null when there is none.</summary>
    public Block* TakePacked(int bytes)
    {
        _gate.Enter();
        var block = TakeBlock(bytes, bytes);
        _gate.Leave();
        return block;
    }

    /// <summary>Gives back runs that belong to no row, <paramref name="fillBytes"/> of them a fill's.</summary>
    public void GiveBack(Block* first, long fillBytes)
    {
        _gate.Enter();
        FreeRuns(first);
        _fills.Take(-fillBytes);
        _gate.Leave();
    }

    /// <summary>Ends a fill that stores nothing, and has no memory any more.</summary>
    public void End(CacheFill fill, bool isRefused)
    {
        _gate.Enter();
        _fills.End(fill, bytes: 0);
        if (isRefused) _refused++;
        _gate.Leave();
    }

    /// <summary>A row with a record of so many bytes, nobody's yet; null when there is no memory.</summary>
    public EntryRow* TakeRow(int recordBytes)
    {
        _gate.Enter();
        var record = TakeBlock(recordBytes, recordBytes);
        var row = record == null ? null : TakeSpareRow();
        if (row != null) row->Record = record;
        else if (record != null) _blocks.Free(record);
        _gate.Leave();
        return row;
    }

    /// <summary>
    /// Ends a fill by its row, which is complete; <paramref name="bytes"/> were taken for the body. True when it is
    /// stored; the lease is for whoever packs the body, and holds nothing when there is nothing to pack.
    /// </summary>
    public bool Commit(CacheFill fill, EntryRow* row, Block* last, long bytes, out CacheLease lease)
    {
        _gate.Enter();
        if (last != null) _blocks.Trim(last, last->StoredBytes);
        _fills.End(fill, bytes);
        row->BodyId = ++_bodies;
        bool isStored = MayStore(row, row->Stamp);
        if (isStored)
        {
            Link(row, _index.Find(row->Hash, row->Key), users: 1);
        }
        else
        {
            Free(row);
            _refused++;
        }
        lease = isStored ? LeaseToPack(row) : default;
        _gate.Leave();
        return isStored;
    }

    /// <summary>
    /// Puts a new version, complete but for its body unless that is the news, in the place of the one leased. False
    /// when that is no longer there; the row is given back then. Another head may also take the place of a later
    /// version of the same body: it was packed meanwhile.
    /// </summary>
    public bool Replace(ref CacheLease lease, EntryRow* by)
    {
        var row = lease.Row;
        _gate.Enter();
        var current = row->IsLinked ? row : by->FirstSegment == null ? FindSameBody(row) : null;
        bool isDone = current != null && MayStore(by, lease.Stamp);
        _savedBytes += by->SavedBytes;
        if (isDone)
        {
            by->Stamp = Math.Max(by->Stamp, current->Stamp);
            by->SoftStamp = Math.Max(by->SoftStamp, Volatile.Read(ref current->SoftStamp));
            if (by->FirstSegment == null) ShareBody(by, current);
            Link(by, current, users: 2);
            Drop(row);
            lease = new CacheLease(this, by, lease.Stamp);
        }
        else
        {
            Free(by);
        }
        _gate.Leave();
        return isDone;
    }

    /// <summary>A lease for whoever packs this body, if it is to be packed.</summary>
    public CacheLease LeaseToPack(EntryRow* row)
    {
        bool isPackable = Compressor is not null && row->BodyBytes >= Math.Max(1, _packsFromBytes)
            && !row->IsIncompressible && !row->IsPacked;
        return isPackable && EntryRow.TryAcquire(row) ? new CacheLease(this, row, row->Stamp) : default;
    }

    public bool Remove(ulong hash, ReadOnlySpan<byte> key, bool isSoft)
    {
        _gate.Enter();
        long stamp = _purges.CountRemoval();
        RemovalOf(hash) = stamp;
        var row = _index.Find(hash, key);
        // What the sweep has not come to yet is no longer there.
        bool isThere = row != null && Passes(row, _purges.Active);
        if (isThere && isSoft) EntryRow.MarkSoft(row, stamp);
        else if (row != null) Purge(row);
        _gate.Leave();
        return isThere;
    }

    /// <summary>
    /// Takes out what has this URL, some at a time; what was asked for before <paramref name="stamp"/> is kept out.
    /// </summary>
    public void RemoveUrl(uint hash, ReadOnlySpan<byte> url, long stamp)
    {
        int left;
        do
        {
            left = CacheLimits.SweptPlaces;
            _gate.Enter();
            RemovalOf(hash) = stamp;
            for (var row = _urls.Find(hash, url); row != null && left > 0; row = _urls.Find(hash, url), left--)
                Purge(row);
            _gate.Leave();
        }
        while (left == 0);
    }

    /// <summary>Carries purges out on all entries, some at a time.</summary>
    public void Sweep(PurgeOrder[] orders)
    {
        for (int from = 0; from < _index.Places; from += CacheLimits.SweptPlaces)
        {
            _gate.Enter();
            int to = Math.Min(from + CacheLimits.SweptPlaces, _index.Places);
            for (int place = from; place < to; place++)
            {
                for (EntryRow* row = _index.ChainAt(place), next; row != null; row = next)
                {
                    next = (EntryRow*)row->Chain;
                    if (!Passes(row, orders)) Purge(row);
                }
            }
            _gate.Leave();
        }
    }

    /// <summary>
    /// Another bound. What is too much is evicted, some at a time; arenas go when nothing is left in them.
    /// </summary>
    public void Resize(long capacityBytes)
    {
        _gate.Enter();
        _blocks.LimitBytes = capacityBytes - _fixedBytes;
        _fills.MostBytes = capacityBytes / CacheLimits.FillShare;
        if (PlacesFor(capacityBytes) > _index.Places * 2) GrowIndex(PlacesFor(capacityBytes));
        _gate.Leave();
        bool isLess;
        do
        {
            _gate.Enter();
            isLess = _blocks.TakenBytes > _blocks.LimitBytes && EvictOne();
            _gate.Leave();
        }
        while (isLess);
        for (int closed = CloseArena(); closed >= 0; closed = CloseArena()) Empty(closed);
    }

    private static int PlacesFor(long capacityBytes) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacityBytes / 1024, 64, 1 << 26));

    private static int WeightOf(EntryRow* row)
    {
        int bytes = EntryRow.Bytes + row->Record->Bytes;
        for (var run = row->FirstOfBody; run != null; run = run->Next) bytes += run->Bytes;
        return bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // only while a purge has not been carried through
    private static bool Passes(EntryRow* row, PurgeOrder[] orders)
    {
        foreach (var order in orders)
        {
            if (!order.Meets(row->Stamp, row->Url, row->Tags)) continue;
            if (!order.IsSoft) return false;
            EntryRow.MarkSoft(row, order.Stamp);
        }
        return true;
    }

    /// <summary>The last removal of a key or URL with this hash, or of one that shares its place.</summary>
    private ref long RemovalOf(ulong hash) => ref _removals[(int)hash & (_removals.Length - 1)];

    /// <summary>No purge or removal since then keeps the row out.</summary>
    private bool MayStore(EntryRow* row, long since)
    {
        bool isAllowed = _purges.MayStore(since, row->Url, row->Tags, out long softStamp);
        row->SoftStamp = softStamp;
        return isAllowed && since >= RemovalOf(row->Hash) && (row->UrlBytes == 0 || since >= RemovalOf(row->UrlHash));
    }

    private EntryRow* FindSameBody(EntryRow* row)
    {
        var current = _index.Find(row->Hash, row->Key);
        return current != null && current->BodyId == row->BodyId ? current : null;
    }

    private static void ShareBody(EntryRow* by, EntryRow* row)
    {
        if (row->FirstOfBody == null) return;
        by->BodyOwner = row->BodyOwner == null ? row : row->BodyOwner;
        Interlocked.Increment(ref by->BodyOwner->References);
    }

    /// <summary>
    /// Shows the row to look-ups, when everything else of it is written. The new version first, so that one of the two
    /// is always found.
    /// </summary>
    private void Link(EntryRow* row, EntryRow* old, int users)
    {
        row->QueuedBytes = WeightOf(row);
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

    private void Purge(EntryRow* row)
    {
        _purged++;
        _queues.Remove(row);
        TakeOut(row);
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

    private bool EvictOne()
    {
        var row = _queues.TakeVictim();
        if (row == null) return false;
        _evictions++;
        TakeOut(row);
        return true;
    }

    private EntryRow* TakeSpareRow()
    {
        while (true)
        {
            var row = _rows.Take();
            if (row != null || !EvictOne()) return row;
        }
    }

    /// <summary>
    /// A block with room for so many bytes, or for <paramref name="leastBytes"/> when that is what there is; entries
    /// are evicted until there is one.
    /// </summary>
    private Block* TakeBlock(int bytes, int leastBytes, int inPiecesOf = int.MaxValue)
    {
        long limit = _blocks.TakenBytes - (2L * bytes);
        while (true)
        {
            var block = _blocks.Take(bytes);
            if (block == null) block = _blocks.TakeLargest(bytes, leastBytes);
            if (block != null || !EvictOne()) return block;
            // Enough is free, in shorter pieces.
            if (_blocks.TakenBytes < limit) leastBytes = Math.Min(leastBytes, inPiecesOf);
        }
    }

    private void Drop(EntryRow* row)
    {
        if (Interlocked.Decrement(ref row->References) == 0) Free(row);
    }

    private void Free(EntryRow* row)
    {
        var owner = row->BodyOwner;
        _savedBytes -= row->SavedBytes;
        FreeRuns(row->FirstSegment);
        _blocks.Free(row->Record);
        *row = default;
        _rows.Return(row);
        if (owner != null) Drop(owner);
    }

    private void FreeRuns(Block* run)
    {
        for (Block* next; run != null; run = next)
        {
            next = run->Next;
            _blocks.Free(run);
        }
    }

    // The ghosts stay as many as they were.
    private void GrowIndex(int places)
    {
        long bytes = 2L * (places - _index.Places) * sizeof(long);
        _fixedBytes += bytes;
        _blocks.LimitBytes -= bytes;
        _index.Grow(places);
        _urls.Grow(places);
    }

    private int CloseArena()
    {
        _gate.Enter();
        int closed = _blocks.CloseOne();
        _gate.Leave();
        return closed;
    }

    private void Empty(int arena)
    {
        for (int place = 0; place < _index.Places; place++)
        {
            _gate.Enter();
            for (EntryRow* row = _index.ChainAt(place), next; row != null; row = next)
            {
                next = (EntryRow*)row->Chain;
                if (!HasBlockIn(row, arena)) continue;
                _evictions++;
                _queues.Remove(row);
                TakeOut(row);
            }
            _gate.Leave();
        }
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
}
