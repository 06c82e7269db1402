namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Compresses stored bodies in the background, so that no loop does: one at a time, on the thread pool. The entry is
/// replaced by a packed version when that is smaller enough, and stays as it is otherwise. 0 bytes in steady state.
/// </summary>
internal sealed unsafe class BodyPacker(IBlockCompressor compressor) : IThreadPoolWorkItem
{
    private readonly SpinGate _gate = new();
    private readonly Queue<CacheLease> _waiting = new();
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(CacheSegment.MaxBytes, pinned: true);
    private long _waitingBytes;
    private bool _isRunning;

    /// <summary>
    /// Bodies wait while they are so many bytes at most, or one: nothing can evict them meanwhile. Others stay as they
    /// are.
    /// </summary>
    public long MostBytes { get; set; }

    /// <summary>Takes the lease over. Any thread.</summary>
    public void Add(CacheLease lease)
    {
        _gate.Enter();
        bool isTaken = _waitingBytes == 0 || _waitingBytes + lease.BodyBytes <= MostBytes;
        bool starts = isTaken && !_isRunning;
        if (isTaken)
        {
            _waiting.Enqueue(lease);
            _waitingBytes += lease.BodyBytes;
            _isRunning = true;
        }
        _gate.Leave();
        if (!isTaken) lease.Dispose();
        if (starts) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        while (TryTake(out var lease))
        {
            if (lease.Row->IsLinked) Pack(ref lease);
            lease.Dispose();
        }
    }

    private bool TryTake(out CacheLease lease)
    {
        _gate.Enter();
        bool isThere = _waiting.TryDequeue(out lease);
        if (isThere) _waitingBytes -= lease.BodyBytes;
        else _isRunning = false;
        _gate.Leave();
        return isThere;
    }

    private void Pack(ref CacheLease lease)
    {
        Block* first = null;
        Block* last = null;
        int before = 0;
        int after = 0;
        foreach (var segment in lease.Body)
        {
            var stored = segment.Stored.Span;
            int most = stored.Length - (stored.Length / CacheLimits.PackGain);
            int packed = compressor.Pack(stored, _scratch.AsSpan(0, most));
            // Who begins with bytes that cannot be packed is an image or an archive.
            if (packed == 0 && first == null) break;
            var bytes = packed == 0 ? stored : _scratch.AsSpan(0, packed);
            var run = lease.Shard.TakePacked(bytes.Length);
            if (run == null) break;
            bytes.CopyTo(new Span<byte>(Block.Room(run), run->RoomBytes));
            run->StoredBytes = bytes.Length;
            run->BodyBytes = stored.Length;
            if (first == null) first = run;
            else last->Next = run;
            last = run;
            before += stored.Length;
            after += bytes.Length;
        }
        bool isWorth = before == lease.BodyBytes && before - after >= before / CacheLimits.PackGain;
        if (isWorth) EntryVersion.TryReplaceBody(ref lease, first, before - after);
        else lease.Row->IsIncompressible = true;
        if (!isWorth && first != null) lease.Shard.GiveBack(first, fillBytes: 0);
    }
}
