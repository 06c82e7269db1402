namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The responses in memory, under keys that the caller makes: bytes that are compared in full. It outlives snapshots and
/// knows no HTTP. A look-up gives a lease, which is used and disposed; a miss may begin a fill, which is committed or
/// aborted:
/// <code>
/// if (store.TryGet(key, out var lease)) { ... lease.Meta&lt;T&gt;(), lease.Head, lease.Body ...; lease.Dispose(); }
/// var fill = store.Begin(key, contentLength, stamp); fill.Append(run); ...; fill.Commit(head, meta, tags, url);
/// </code>
/// Any thread, several at once. Look-ups never wait; 0 bytes a look-up.
/// </summary>
internal sealed class CacheStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], StoredEntry> _entries;
    private readonly Dictionary<byte[], StoredEntry>.AlternateLookup<ReadOnlySpan<byte>> _byKey;
    private long _stamp;
    private long _bytes;
    private long _evictions;
    private long _purged;
    private long _refused;

    /// <summary>
    /// <paramref name="capacityBytes"/> bounds all memory, from 64 KiB; <paramref name="maxEntryBytes"/> a body with its
    /// head. Bodies from <paramref name="compressAboveBytes"/> are packed, in the background, when there is a
    /// compressor and it saves something.
    /// </summary>
    public CacheStore(
        long capacityBytes, long maxEntryBytes, TimeProvider time, IBlockCompressor? compressor, int compressAboveBytes)
    {
        _ = time;
        _ = compressor;
        _ = compressAboveBytes;
        CapacityBytes = capacityBytes;
        MaxEntryBytes = maxEntryBytes;
        _entries = new Dictionary<byte[], StoredEntry>(new KeyComparer());
        _byKey = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public long CapacityBytes { get; private set; }

    /// <summary>Bytes that one entry may have: head, body and key.</summary>
    public long MaxEntryBytes { get; private set; }

    /// <summary>
    /// How many purges were ordered. Taken before a request goes upstream and given to <see cref="Begin"/>, it keeps a
    /// response from before a purge out of the store after it.
    /// </summary>
    public long Stamp => Volatile.Read(ref _stamp);

    public CacheCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new CacheCounts
                {
                    Entries = _entries.Count,
                    Bytes = _bytes,
                    CapacityBytes = CapacityBytes,
                    EvictionsTotal = _evictions,
                    PurgedTotal = _purged,
                    RefusedTotal = _refused,
                };
            }
        }
    }

    /// <summary>The entry under <paramref name="key"/>; the lease has to be disposed when true.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out CacheLease lease)
    {
        lock (_gate)
        {
            bool isFound = _byKey.TryGetValue(key, out var entry);
            lease = isFound ? new CacheLease(entry!, _stamp) : default;
            return isFound;
        }
    }

    /// <summary>
    /// Begins to fill an entry. <paramref name="lengthHint"/> is the body's length when it is known, else -1;
    /// <paramref name="stamp"/> is <see cref="Stamp"/> from before the request, -1 for now. The fill may be void from
    /// the start.
    /// </summary>
    public CacheFill Begin(ReadOnlySpan<byte> key, long lengthHint, long stamp = -1)
    {
        var fill = new CacheFill(this);
        fill.Begin(key, stamp < 0 ? Stamp : stamp);
        return fill;
    }

    /// <summary>
    /// Gives the leased entry another head and meta (a 304 said so); the body, tags and URL are shared. On success the
    /// lease is one on the new version, and the old one need not be disposed. False, with the lease as it was: the
    /// entry has been purged, evicted or replaced since, or there is no memory for the head. A soft purge that came
    /// after the lease was taken holds for the new version too.
    /// </summary>
    public bool UpdateHead<TMeta>(ref CacheLease lease, ReadOnlySpan<byte> head, in TMeta meta) where TMeta : unmanaged
    {
        lock (_gate)
        {
            var old = lease.Entry;
            if (!_entries.TryGetValue(old.Key, out var current) || current != old) return false;
            var entry = new StoredEntry
            {
                Key = old.Key,
                Head = head.ToArray(),
                Body = old.Body,
                Meta = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<TMeta>(in meta)).ToArray(),
                Url = old.Url,
                Tags = old.Tags,
                Stamp = lease.Stamp,
                IsSoftPurged = old.IsSoftPurged && _stamp > lease.Stamp,
            };
            _bytes += entry.Bytes - old.Bytes;
            _entries[old.Key] = entry;
            lease = new CacheLease(entry, lease.Stamp);
            return true;
        }
    }

    /// <summary>
    /// Takes the entry out, or with <paramref name="isSoft"/> marks it to be validated. True when there was one. At
    /// once; fills of the key that are under way are kept out as well.
    /// </summary>
    public bool Remove(ReadOnlySpan<byte> key, bool isSoft = false)
    {
        lock (_gate)
        {
            _stamp++;
            if (!_byKey.TryGetValue(key, out var entry)) return false;
            Purge(entry, isSoft);
            return true;
        }
    }

    /// <summary>Purges what was committed with this URL, all variants. Look-ups see it at once.</summary>
    public void PurgeUrl(ReadOnlySpan<byte> url, bool isSoft = false)
    {
        byte[] sought = url.ToArray();
        PurgeWhere(entry => entry.Url.AsSpan().SequenceEqual(sought), isSoft);
    }

    /// <summary>Purges what was committed with a URL that begins so. Look-ups see it at once.</summary>
    public void PurgePrefix(ReadOnlySpan<byte> prefix, bool isSoft = false)
    {
        byte[] sought = prefix.ToArray();
        PurgeWhere(entry => entry.Url.AsSpan().StartsWith(sought), isSoft);
    }

    /// <summary>Purges what was committed with this tag. Look-ups see it at once.</summary>
    public void PurgeTag(ReadOnlySpan<byte> tag, bool isSoft = false)
    {
        string sought = System.Text.Encoding.UTF8.GetString(tag);
        PurgeWhere(entry => entry.Tags.Contains(sought, StringComparer.Ordinal), isSoft);
    }

    /// <summary>Purges everything. Look-ups see it at once.</summary>
    public void PurgeAll(bool isSoft = false) => PurgeWhere(_ => true, isSoft);

    /// <summary>Other bounds from here on; what is too much is evicted.</summary>
    public void Resize(long capacityBytes, long maxEntryBytes)
    {
        lock (_gate)
        {
            CapacityBytes = capacityBytes;
            MaxEntryBytes = maxEntryBytes;
            Evict();
        }
    }

    public void Dispose()
    {
    }

    internal bool Add(StoredEntry entry)
    {
        lock (_gate)
        {
            if (entry.Bytes > MaxEntryBytes || entry.Stamp < _stamp)
            {
                _refused++;
                return false;
            }
            if (_entries.Remove(entry.Key, out var old)) _bytes -= old.Bytes;
            _entries.Add(entry.Key, entry);
            _bytes += entry.Bytes;
            Evict();
            return true;
        }
    }

    private void Evict()
    {
        while (_bytes > CapacityBytes && _entries.Count > 0)
        {
            var first = _entries.First().Value;
            _entries.Remove(first.Key);
            _bytes -= first.Bytes;
            _evictions++;
        }
    }

    private void PurgeWhere(Func<StoredEntry, bool> isMeant, bool isSoft)
    {
        lock (_gate)
        {
            _stamp++;
            foreach (var entry in _entries.Values.Where(isMeant).ToList()) Purge(entry, isSoft);
        }
    }

    private void Purge(StoredEntry entry, bool isSoft)
    {
        _purged++;
        if (isSoft)
        {
            entry.IsSoftPurged = true;
            return;
        }
        _entries.Remove(entry.Key);
        _bytes -= entry.Bytes;
    }
}
