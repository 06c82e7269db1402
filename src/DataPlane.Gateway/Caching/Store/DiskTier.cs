namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// What had to leave memory for others, in a file that is written from its start to its end and then from its start
/// again; the oldest entries are overwritten. An entry is in memory or here, never in both: it moves under its shard's
/// gate, so a purge that goes through both under that gate misses nothing. Only purges by prefix, tag and of everything
/// are compared with when an entry comes back.
/// <para>
/// Any thread. Writing is done on the thread pool, one entry at a time; reading by whoever asks, who is no loop. The
/// tier's gate is the innermost: nobody enters another in it.
/// </para>
/// </summary>
internal sealed unsafe class DiskTier : IThreadPoolWorkItem, IDisposable
{
    private readonly SpinGate _gate = new();
    private readonly Queue<(CacheLease Lease, long Number)> _waiting = new();
    private readonly DiskIndex _index;
    private readonly DiskSum _sum = new(KeyHash.Random());
    private readonly DiskWriter _writer;
    private readonly CacheJournal _journal;
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly long _capacityBytes;
    private DiskFile? _file;
    private DiskCounts _totals;
    private long _suspendedAt;
    private long _waitingBytes;
    private long _end;
    private bool _isSuspended;
    private bool _isRunning;

    /// <summary>Opens nothing before there is something to write.</summary>
    public DiskTier(string folder, long capacityBytes, TimeProvider time, CacheJournal journal)
    {
        _folder = folder;
        _capacityBytes = capacityBytes;
        _time = time;
        _journal = journal;
        _writer = new DiskWriter(_sum);
        _index = new DiskIndex((int)Math.Clamp(capacityBytes / CacheLimits.DiskBytesPerRow, 64, CacheLimits.DiskRows));
    }

    /// <summary>
    /// Entries wait to be written while they take so many bytes of memory at most, or there is one: nothing else has
    /// this memory meanwhile.
    /// </summary>
    public long MostWaitingBytes { get; set; }

    public DiskCounts Counts
    {
        get
        {
            _gate.Enter();
            var counts = _totals with
            {
                Entries = _index.Count,
                Bytes = _index.Bytes,
                CapacityBytes = _capacityBytes,
            };
            _gate.Leave();
            return counts;
        }
    }

    /// <summary>Nothing waits to be written, nor is being written.</summary>
    public bool IsIdle
    {
        get
        {
            _gate.Enter();
            bool isIdle = !_isRunning;
            _gate.Leave();
            return isIdle;
        }
    }

    public DiskReader NewReader() => new(_sum);

    /// <summary>Another entry may wait, of whatever size. Any thread; good to a moment.</summary>
    public bool HasRoom => !Volatile.Read(ref _isSuspended) && Volatile.Read(ref _waitingBytes) < MostWaitingBytes / 2;

    /// <summary>
    /// Takes an entry that is being evicted, if it may wait; <see cref="CacheShard.Leave"/> ends it. Under the shard's
    /// gate.
    /// </summary>
    public bool TryTake(CacheShard shard, EntryRow* row)
    {
        long bytes = DiskRecord.Of(row, at: 0).Bytes;
        _gate.Enter();
        bool isTaken = bytes <= _capacityBytes / CacheLimits.DiskShare && !IsSuspended()
            && (_waitingBytes == 0 || _waitingBytes + row->QueuedBytes <= MostWaitingBytes)
            && EntryRow.TryAcquire(row);
        bool starts = isTaken && !_isRunning;
        if (isTaken)
        {
            _waiting.Enqueue((new CacheLease(shard, row, row->Stamp), _index.Add(row->Hash, row->UrlHash, bytes)));
            _waitingBytes += row->QueuedBytes;
            _isRunning = true;
        }
        else
        {
            _totals = _totals with { DroppedTotal = _totals.DroppedTotal + 1 };
        }
        _gate.Leave();
        if (starts) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return isTaken;
    }

    /// <summary>It is here, to be read. Counts a miss when it is not.</summary>
    public bool Has(ulong hash)
    {
        _gate.Enter();
        bool isThere = _index.TryFind(hash, out _);
        if (!isThere) _totals = _totals with { MissesTotal = _totals.MissesTotal + 1 };
        _gate.Leave();
        return isThere;
    }

    /// <summary>Takes out what has this key.</summary>
    public bool Remove(ulong hash)
    {
        _gate.Enter();
        bool isThere = _index.Remove(hash);
        _gate.Leave();
        return isThere;
    }

    /// <summary>The entry that was read goes back into memory: true for one of those who try.</summary>
    public bool TryGiveBack(ulong hash, long at)
    {
        _gate.Enter();
        bool isThere = _index.Remove(hash, at);
        if (isThere) _totals = _totals with { HitsTotal = _totals.HitsTotal + 1 };
        _gate.Leave();
        return isThere;
    }

    /// <summary>Takes out some entries with this URL; true when there may be more.</summary>
    public bool RemoveUrl(uint urlHash)
    {
        _gate.Enter();
        bool isMore = _index.RemoveUrl(urlHash);
        _gate.Leave();
        return isMore;
    }

    /// <summary>Takes out everything that is here when it is called.</summary>
    public void Clear()
    {
        long? last = null;
        bool isMore;
        do
        {
            _gate.Enter();
            last ??= _index.Next;
            isMore = _index.DropSome(last.Value);
            _gate.Leave();
        }
        while (isMore);
    }

    /// <summary>Finds the entry and reads what lies in front of its body.</summary>
    public bool TryBegin(DiskReader reader, ulong hash, out long at)
    {
        _gate.Enter();
        bool isThere = _index.TryFind(hash, out at);
        var file = _file;
        _gate.Leave();
        if (!isThere || file is null) return false;
        bool isRead = false;
        try
        {
            isRead = reader.TryBegin(file, at, at % _capacityBytes, hash);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            Fail(file, failure);
        }
        if (!isRead) Forget(hash, at);
        return isRead;
    }

    /// <summary>Reads the body into the fill. False when it is not what was written, or the fill is void.</summary>
    public bool TryFill(DiskReader reader, CacheFill fill, ulong hash, long at)
    {
        bool isRead = false;
        try
        {
            isRead = reader.TryFill(fill);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            Fail(reader.File, failure);
        }
        if (!isRead && !fill.IsVoid) Forget(hash, at);
        return isRead;
    }

    public void Execute()
    {
        while (TryTakeNext(out var lease, out long number, out bool isWanted))
        {
            if (isWanted) Write(in lease, number);
            lease.Shard.Leave(lease.Row);
        }
    }

    public void Dispose() => _file?.Dispose();

    private bool TryTakeNext(out CacheLease lease, out long number, out bool isWanted)
    {
        _gate.Enter();
        bool isThere = _waiting.TryDequeue(out var next);
        (lease, number) = next;
        isWanted = isThere && _index.Has(number);
        if (isThere) _waitingBytes -= lease.Row->QueuedBytes;
        else _isRunning = false;
        _gate.Leave();
        return isThere;
    }

    private void Write(in CacheLease lease, long number)
    {
        bool isWritten = false;
        long at = 0;
        var file = _file;
        try
        {
            file ??= _file = DiskFile.Open(_folder);
            long bytes = DiskRecord.Of(lease.Row, at: 0).Bytes;
            at = Reserve(bytes);
            isWritten = _writer.TryWrite(file, in lease, DiskRecord.Of(lease.Row, at), at % _capacityBytes);
        }
        catch (Exception failure)
            when (failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Fail(file, failure);
        }
        _gate.Enter();
        if (isWritten) _index.Place(number, at);
        else _index.Remove(number);
        if (isWritten) _totals = _totals with { WritesTotal = _totals.WritesTotal + 1 };
        _gate.Leave();
    }

    /// <summary>A place in one piece; what lay there can no longer be found.</summary>
    private long Reserve(long bytes)
    {
        long left = _capacityBytes - (_end % _capacityBytes);
        long at = bytes > left ? _end + left : _end;
        _end = at + bytes;
        _gate.Enter();
        _index.DropBefore(_end - _capacityBytes);
        _gate.Leave();
        return at;
    }

    /// <summary>What was read is not what had been written, unless it was overwritten or purged meanwhile.</summary>
    private void Forget(ulong hash, long at)
    {
        _gate.Enter();
        if (_index.Remove(hash, at)) _totals = _totals with { ErrorsTotal = _totals.ErrorsTotal + 1 };
        _gate.Leave();
    }

    /// <summary>
    /// The disk is full, or broken, or not there: gives it its room back and leaves it alone for a while. A file that
    /// another thread has closed already has been told of.
    /// </summary>
    private void Fail(DiskFile? file, Exception failure)
    {
        _gate.Enter();
        bool isFirst = ReferenceEquals(_file, file) && !_isSuspended;
        if (isFirst)
        {
            _totals = _totals with { ErrorsTotal = _totals.ErrorsTotal + 1 };
            _file = null;
            _isSuspended = true;
            _suspendedAt = _time.GetTimestamp();
        }
        _gate.Leave();
        if (!isFirst) return;
        file?.Dispose();
        Clear();
        _journal.DiskFailed(_folder, CacheLimits.DiskPauseSeconds, failure);
    }

    // Under the tier's gate.
    private bool IsSuspended()
    {
        if (!_isSuspended) return false;
        _isSuspended = _time.GetElapsedTime(_suspendedAt).TotalSeconds < CacheLimits.DiskPauseSeconds;
        return _isSuspended;
    }
}
