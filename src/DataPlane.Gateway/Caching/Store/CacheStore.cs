using System.Numerics;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The responses in memory, under keys that the caller makes: bytes that are compared in full. It outlives snapshots
/// and knows no HTTP. A look-up gives a lease, which is used and disposed; a miss may begin a fill, which is committed
/// or aborted:
/// <code>
/// if (store.TryGet(key, out var lease)) { ... lease.Meta&lt;T&gt;(), lease.Head, lease.Body ...; lease.Dispose(); }
/// var fill = store.Begin(key, contentLength, stamp); fill.Append(run); ...; fill.Commit(head, meta, tags, url);
/// </code>
/// Any thread, several at once. Look-ups never wait; fills wait for microseconds; 0 bytes for either. With a tier on
/// disk, what is evicted goes there, and <see cref="Restore"/> brings it back.
/// </summary>
internal sealed class CacheStore : IDisposable
{
    private readonly KeyHash _hash = KeyHash.Random();
    private readonly PurgeList _purges = new();
    private readonly CacheShard[] _shards;
    private readonly PurgeSweep _sweep;
    private readonly BodyPacker? _packer;
    private long _maxEntryBytes;

    /// <summary>
    /// <paramref name="capacityBytes"/> bounds all memory, from <see cref="CacheLimits.LeastCapacityBytes"/>;
    /// <paramref name="maxEntryBytes"/> a body with its head. Bodies from <paramref name="compressAboveBytes"/> are
    /// packed, in the background, when there is a compressor and it saves something. Tests choose the number of shards
    /// (a power of two), and have freed memory overwritten. <paramref name="disk"/> becomes the store's.
    /// </summary>
    public CacheStore(
        long capacityBytes,
        long maxEntryBytes,
        TimeProvider time,
        IBlockCompressor? compressor,
        int compressAboveBytes,
        int shards = 0,
        bool poisons = false,
        DiskTier? disk = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, CacheLimits.LeastCapacityBytes);
        if (shards == 0) shards = ShardsFor(capacityBytes, maxEntryBytes);
        CapacityBytes = capacityBytes;
        Disk = disk;
        _shards = new CacheShard[shards];
        for (int each = 0; each < shards; each++)
            _shards[each] = new CacheShard(_purges, capacityBytes / shards, compressor, poisons, disk);
        _sweep = new PurgeSweep(_purges, _shards, time);
        if (compressor is not null) _packer = new BodyPacker(compressor);
        PackFrom(compressAboveBytes);
        BoundWaiting(capacityBytes);
        MaxEntryBytes = maxEntryBytes;
    }

    public long CapacityBytes { get; private set; }

    /// <summary>Null for only memory.</summary>
    public DiskTier? Disk { get; }

    /// <summary>There is a compressor.</summary>
    public bool CanPack => _packer is not null;

    /// <summary>
    /// Bytes that one entry may have: head, body and key. What was asked for, or less when a shard would be filled by
    /// so large an entry.
    /// </summary>
    public long MaxEntryBytes
    {
        get => Volatile.Read(ref _maxEntryBytes);
        private set => Volatile.Write(
            ref _maxEntryBytes, Math.Min(
                Math.Min(value, CacheLimits.EntryBytes), CapacityBytes / _shards.Length / CacheLimits.FillShare));
    }

    /// <summary>
    /// How many purges were ordered. Taken before a request goes upstream and given to <see cref="Begin"/>, it keeps a
    /// response from before a purge out of the store after it.
    /// </summary>
    public long Stamp => _purges.Stamp;

    /// <summary>Sums over the shards, none of them stopped: each is right by itself.</summary>
    public CacheCounts Counts
    {
        get
        {
            var sum = default(CacheCounts);
            foreach (var shard in _shards) sum += shard.Counts;
            return sum;
        }
    }

    /// <summary>The entry under <paramref name="key"/>; the lease has to be disposed when true.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out CacheLease lease)
    {
        ulong hash = _hash.Of(key);
        return ShardOf(hash).TryGet(hash, key, out lease);
    }

    /// <summary>
    /// What is not in memory may be had by <see cref="Restore"/>. Any thread; without a disk, never.
    /// </summary>
    public bool IsOnDisk(ReadOnlySpan<byte> key) => Disk is { } disk && disk.Has(_hash.Of(key));

    /// <summary>
    /// Brings the entry back into memory; true when it is there. Not on a loop: it waits for the disk.
    /// </summary>
    public bool Restore(ReadOnlySpan<byte> key, DiskReader reader)
    {
        ulong hash = _hash.Of(key);
        if (Disk is not { } disk || !disk.TryBegin(reader, hash, out long at)) return false;
        if (!reader.Key.SequenceEqual(key)) return false;
        var fill = ShardOf(hash).Begin(this, hash, key, reader.Record.BodyBytes, reader.Record.Stamp);
        if (disk.TryFill(reader, fill, hash, at)) return fill.CommitRestored(reader, at);
        fill.Abort();
        return false;
    }

    /// <summary>
    /// Begins to fill an entry. <paramref name="lengthHint"/> is the body's length when it is known, else -1;
    /// <paramref name="stamp"/> is <see cref="Stamp"/> from before the request, -1 for now. The fill may be void from
    /// the start.
    /// </summary>
    public CacheFill Begin(ReadOnlySpan<byte> key, long lengthHint, long stamp = -1)
    {
        ulong hash = _hash.Of(key);
        return ShardOf(hash).Begin(this, hash, key, lengthHint, stamp < 0 ? Stamp : stamp);
    }

    /// <summary>
    /// Gives the leased entry another head and meta (a 304 said so); the body, tags and URL are shared. On success the
    /// lease is one on the new version, and the old one need not be disposed. Of two that do this, the later one wins.
    /// False, with the lease as it was: the entry has been purged or evicted since, or replaced by another body, or
    /// there is no memory for the head. A soft purge that came after the lease was taken holds for the new version too.
    /// </summary>
    public bool UpdateHead<TMeta>(ref CacheLease lease, ReadOnlySpan<byte> head, in TMeta meta) where TMeta : unmanaged
    {
        var metaBytes = MemoryMarshal.AsBytes(new ReadOnlySpan<TMeta>(in meta));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(metaBytes.Length, CacheLimits.MetaBytes, nameof(meta));
        if (!EntryVersion.TryReplaceHead(ref lease, head, metaBytes, MaxEntryBytes)) return false;
        var toPack = LeaseToPack(lease);
        if (toPack.IsHeld) Pack(toPack);
        return true;
    }

    /// <summary>
    /// Takes the entry out, or with <paramref name="isSoft"/> marks it to be validated. True when there was one. At
    /// once; responses of the key that were asked for before are kept out as well. Any thread; 0 bytes.
    /// </summary>
    public bool Remove(ReadOnlySpan<byte> key, bool isSoft = false)
    {
        ulong hash = _hash.Of(key);
        return ShardOf(hash).Remove(hash, key, isSoft);
    }

    /// <summary>
    /// Purges what was committed with this URL, all variants, at once; responses that were asked for before are kept
    /// out as well. Hard: any thread, a loop's too, 0 bytes. Soft: as the purges below.
    /// </summary>
    public void PurgeUrl(ReadOnlySpan<byte> url, bool isSoft = false)
    {
        if (isSoft || url.IsEmpty)
        {
            Purge(PurgeKind.Url, url, isSoft);
            return;
        }
        uint hash = HashUrl(url);
        long stamp = _purges.CountRemoval();
        foreach (var shard in _shards) shard.RemoveUrl(hash, url, stamp);
    }

    /// <summary>
    /// Purges what was committed with a URL that begins so, byte by byte. At once for look-ups; the memory follows
    /// within seconds. Not on a loop, as little as the next two: it allocates, and too many of them wait for a sweep.
    /// </summary>
    public void PurgePrefix(ReadOnlySpan<byte> prefix, bool isSoft = false) => Purge(PurgeKind.Prefix, prefix, isSoft);

    /// <summary>Purges what was committed with this tag.</summary>
    public void PurgeTag(ReadOnlySpan<byte> tag, bool isSoft = false) => Purge(PurgeKind.Tag, tag, isSoft);

    /// <summary>Purges everything.</summary>
    public void PurgeAll(bool isSoft = false)
    {
        Purge(PurgeKind.All, default, isSoft);
        // It would not come back anyway.
        if (!isSoft) Disk?.Clear();
    }

    /// <summary>
    /// Other bounds from here on; what is too much is evicted before this returns, leases keep theirs until they are
    /// disposed. The number of shards stays. Not on a loop.
    /// </summary>
    public void Resize(long capacityBytes, long maxEntryBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, CacheLimits.LeastCapacityBytes);
        CapacityBytes = capacityBytes;
        MaxEntryBytes = maxEntryBytes;
        BoundWaiting(capacityBytes);
        foreach (var shard in _shards) shard.Resize(capacityBytes / _shards.Length);
    }

    /// <summary>What is stored from here on is packed from so many bytes. Any thread.</summary>
    public void PackFrom(int bytes)
    {
        foreach (var shard in _shards) shard.PacksFromBytes = bytes;
    }

    public void Dispose()
    {
        _sweep.Dispose();
        Disk?.Dispose();
    }

    internal uint HashUrl(ReadOnlySpan<byte> url) => (uint)_hash.Of(url);

    /// <summary>Hashes of tags separated by spaces; their number, or -1 when there are more than fit.</summary>
    internal int HashTags(ReadOnlySpan<byte> tags, Span<ulong> hashes)
    {
        int count = 0;
        foreach (var part in tags.Split((byte)' '))
        {
            var tag = tags[part];
            if (tag.IsEmpty) continue;
            if (count == hashes.Length) return -1;
            hashes[count++] = _hash.Of(tag);
        }
        return count;
    }

    private static unsafe CacheLease LeaseToPack(in CacheLease lease) => lease.Shard.LeaseToPack(lease.Row);

    /// <summary>Packs the body in the background and disposes the lease.</summary>
    internal void Pack(CacheLease lease) => _packer!.Add(lease);

    private void BoundWaiting(long capacityBytes)
    {
        if (_packer is not null) _packer.MostBytes = capacityBytes / CacheLimits.PackShare;
        // All that waits may be one shard's, which evicts on until the writer is done with it.
        if (Disk is not null) Disk.MostWaitingBytes = capacityBytes / _shards.Length / CacheLimits.PackShare;
    }

    private static int ShardsFor(long capacityBytes, long maxEntryBytes)
    {
        long least = Math.Max(CacheLimits.ShardBytes, CacheLimits.EntriesPerShard * maxEntryBytes);
        long most = Math.Min(Math.Min(CacheLimits.Shards, 2 * Environment.ProcessorCount), capacityBytes / least);
        return 1 << BitOperations.Log2((uint)Math.Max(1, most));
    }

    // Other bits than the index and the ghosts go by.
    private CacheShard ShardOf(ulong hash) => _shards[(int)(hash >> 56) & (_shards.Length - 1)];

    private void Purge(PurgeKind kind, ReadOnlySpan<byte> text, bool isSoft)
    {
        _purges.Add(kind, text, kind == PurgeKind.Tag ? _hash.Of(text) : 0, isSoft);
        _sweep.Ask();
    }
}
