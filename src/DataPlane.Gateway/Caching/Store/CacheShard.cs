namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The entries of some of the keys, with memory of their own. Look-ups read without a lock; everything else passes one
/// at a time through a gate that is held for about a microsecond, and copies bytes outside of it. Any thread; 0 bytes.
/// </summary>
internal sealed unsafe class CacheShard
{
    private readonly SpinGate _gate = new();
    private readonly PurgeList _purges;
    private readonly EntryTable _entries;
    private readonly FillAccount _fills;
    private readonly DiskTier? _disk;
    private readonly long[] _removals;
    private long _refused;
    private uint _bodies;

    public CacheShard(
        PurgeList purges, long capacityBytes, IBlockCompressor? compressor, bool poisons, DiskTier? disk)
    {
        _disk = disk;
        _purges = purges;
        Compressor = compressor;
        _removals = new long[capacityBytes < CacheLimits.ShardBytes ? 64 : CacheLimits.Removals];
        _entries = new EntryTable(this, capacityBytes, _removals.Length * sizeof(long), poisons, disk);
        _fills = new FillAccount(this) { MostBytes = capacityBytes / CacheLimits.FillShare };
    }

    /// <summary>What packed segments are unpacked with.</summary>
    public IBlockCompressor? Compressor { get; }

    /// <summary>Bodies from so many bytes are packed if there is a compressor. Any thread.</summary>
    public int PacksFromBytes { get; set; } = int.MaxValue;

    public CacheCounts Counts => _entries.Counts with
    {
        FillsUnderWay = _fills.Count,
        FillBytes = _fills.Bytes,
        RefusedTotal = Volatile.Read(ref _refused),
    };

    public bool TryGet(ulong hash, ReadOnlySpan<byte> key, out CacheLease lease)
    {
        var row = _entries.Acquire(hash, key);
        if (row == null)
        {
            lease = default;
            return false;
        }
        // The stamp before the orders: a purge in between counts as later than the lease.
        long stamp = _purges.Stamp;
        PurgeOrder[] orders = _purges.Active;
        if (orders.Length != 0 && !EntryTable.Passes(row, orders))
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

    /// <summary>One user less; the last one frees what the row points to.</summary>
    public void Release(EntryRow* row)
    {
        if (Interlocked.Decrement(ref row->References) != 0) return;
        _gate.Enter();
        _entries.Free(row);
        _gate.Leave();
    }

    /// <summary>The disk is done with an evicted entry, and lets go of it.</summary>
    public void Leave(EntryRow* row)
    {
        _gate.Enter();
        _entries.Leave(row);
        _entries.Drop(row);
        _gate.Leave();
    }

    public byte[] MemoryOf(Block* block) => _entries.MemoryOf(block);

    public int OffsetOf(Block* block, byte* at) => _entries.OffsetOf(block, at);

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
        var block = _fills.MayTake(bytes) ? _entries.TakeBlock(bytes, least, CacheLimits.LeastRunBytes) : null;
        if (block != null) _fills.Take(block->Bytes);
        _gate.Leave();
        return block;
    }

    /// <summary>Memory for a packed run, in one piece; null when there is none.</summary>
    public Block* TakePacked(int bytes)
    {
        _gate.Enter();
        var block = _entries.TakeBlock(bytes, bytes, inPiecesOf: bytes);
        _gate.Leave();
        return block;
    }

    /// <summary>Gives back runs that belong to no row, <paramref name="fillBytes"/> of them a fill's.</summary>
    public void GiveBack(Block* first, long fillBytes)
    {
        _gate.Enter();
        _entries.FreeRuns(first);
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
        var row = _entries.TakeRow(recordBytes);
        _gate.Leave();
        return row;
    }

    /// <summary>
    /// Ends a fill by its row, which is complete; <paramref name="bytes"/> were taken for the body. True when it is
    /// stored; the lease is for whoever packs the body, and holds nothing when there is nothing to pack. With
    /// <paramref name="diskAt"/> it comes from there, where it must still be.
    /// </summary>
    public bool Commit(
        CacheFill fill, EntryRow* row, Block* last, long bytes, long diskAt, out CacheLease lease)
    {
        _gate.Enter();
        if (last != null) _entries.Trim(last);
        _fills.End(fill, bytes);
        row->BodyId = ++_bodies;
        bool isStored = diskAt < 0 ? MayStore(row, row->Stamp) : MayRestore(row, diskAt);
        if (isStored)
        {
            if (diskAt < 0) _disk?.Remove(row->Hash);
            _entries.Link(row, _entries.Find(row->Hash, row->Key), users: 1);
            _entries.EvictAhead();
        }
        else
        {
            _entries.FreeUnlinked(row);
            _refused++;
        }
        lease = isStored ? LeaseToPack(row) : default;
        _gate.Leave();
        return isStored;
    }

    /// <summary>
    /// Puts another head over the body of the version leased. False when that body is no longer there; the row is given
    /// back then. The version may be another one by now: it was packed, or refreshed by somebody else.
    /// </summary>
    public bool ReplaceHead(ref CacheLease lease, EntryRow* by)
    {
        _gate.Enter();
        var current = _entries.FindSameBody(lease.Row);
        bool isDone = current != null && MayStore(by, lease.Stamp);
        if (isDone)
        {
            by->BodyOwner = current->BodyOwner != null || current->FirstSegment == null ? current->BodyOwner : current;
            if (by->BodyOwner != null) Interlocked.Increment(ref by->BodyOwner->References);
        }
        Replace(ref lease, by, isDone ? current : null);
        _gate.Leave();
        return isDone;
    }

    /// <summary>Puts a packed body in the place of the version leased. False when it is no longer there.</summary>
    public bool ReplaceBody(ref CacheLease lease, EntryRow* by)
    {
        _gate.Enter();
        bool isDone = lease.Row->IsLinked && MayStore(by, lease.Stamp);
        Replace(ref lease, by, isDone ? lease.Row : null);
        _gate.Leave();
        return isDone;
    }

    /// <summary>A lease for whoever packs this body, if it is to be packed.</summary>
    public CacheLease LeaseToPack(EntryRow* row)
    {
        bool isPackable = Compressor is not null && row->BodyBytes >= Math.Max(1, PacksFromBytes)
            && !row->IsIncompressible && !row->IsPacked;
        return isPackable && EntryRow.TryAcquire(row) ? new CacheLease(this, row, row->Stamp) : default;
    }

    public bool Remove(ulong hash, ReadOnlySpan<byte> key, bool isSoft)
    {
        _gate.Enter();
        long stamp = _purges.CountRemoval();
        RememberRemoval(hash, stamp);
        var row = _entries.Find(hash, key);
        // What the sweep has not come to yet is no longer there.
        bool isThere = row != null && EntryTable.Passes(row, _purges.Active);
        bool isOnDisk = _disk?.Remove(hash) == true;
        if (isThere && isSoft) EntryRow.MarkSoft(row, stamp);
        else if (row != null) _entries.Purge(row);
        _gate.Leave();
        return isThere || isOnDisk;
    }

    /// <summary>
    /// Takes out what has this URL, some at a time; what was asked for before <paramref name="stamp"/> is kept out.
    /// </summary>
    public void RemoveUrl(uint hash, ReadOnlySpan<byte> url, long stamp)
    {
        int left;
        bool isMore;
        do
        {
            left = CacheLimits.SweptPlaces;
            _gate.Enter();
            RememberRemoval(hash, stamp);
            for (var row = _entries.FindUrl(hash, url); row != null && left > 0; left--)
            {
                _entries.Purge(row);
                row = _entries.FindUrl(hash, url);
            }
            isMore = left == 0 | _disk?.RemoveUrl(hash) == true;
            _gate.Leave();
        }
        while (isMore);
    }

    /// <summary>Carries purges out on all entries, some at a time.</summary>
    public void Sweep(PurgeOrder[] orders)
    {
        for (int place = 0; place < _entries.Places; place += CacheLimits.SweptPlaces)
        {
            _gate.Enter();
            _entries.Sweep(place, CacheLimits.SweptPlaces, orders);
            _gate.Leave();
        }
    }

    /// <summary>
    /// Another bound. What is too much is evicted, some at a time; arenas go when nothing is left in them.
    /// </summary>
    public void Resize(long capacityBytes)
    {
        _gate.Enter();
        _entries.Resize(capacityBytes);
        _fills.MostBytes = capacityBytes / CacheLimits.FillShare;
        _gate.Leave();
        bool isMore;
        do
        {
            _gate.Enter();
            isMore = _entries.EvictExcess();
            _gate.Leave();
        }
        while (isMore);
        for (int arena = CloseArena(); arena >= 0; arena = CloseArena())
        {
            for (int place = 0; place < _entries.Places; place += CacheLimits.SweptPlaces)
            {
                _gate.Enter();
                _entries.Empty(arena, place, CacheLimits.SweptPlaces);
                _gate.Leave();
            }
        }
    }

    private int CloseArena()
    {
        _gate.Enter();
        int closed = _entries.CloseArena();
        _gate.Leave();
        return closed;
    }

    private void Replace(ref CacheLease lease, EntryRow* by, EntryRow* current)
    {
        if (current == null)
        {
            _entries.FreeUnlinked(by);
            return;
        }
        by->Stamp = Math.Max(by->Stamp, current->Stamp);
        by->SoftStamp = Math.Max(by->SoftStamp, Volatile.Read(ref current->SoftStamp));
        _entries.Link(by, current, users: 2);
        _entries.Drop(lease.Row);
        lease = new CacheLease(this, by, lease.Stamp);
    }

    private void RememberRemoval(ulong hash, long stamp)
    {
        ref long last = ref RemovalOf(hash);
        last = Math.Max(last, stamp);
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

    /// <summary>
    /// The entry is still on disk, where removals would have taken it out, and no other purge since it was asked for
    /// has met it.
    /// </summary>
    private bool MayRestore(EntryRow* row, long diskAt)
    {
        bool isThere = _disk!.TryGiveBack(row->Hash, diskAt);
        bool isAllowed = _purges.MayStore(row->Stamp, row->Url, row->Tags, out long softStamp);
        row->SoftStamp = Math.Max(row->SoftStamp, softStamp);
        return isThere && isAllowed;
    }
}
