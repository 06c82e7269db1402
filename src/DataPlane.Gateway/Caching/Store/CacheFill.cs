using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// A response on its way into the store. The one who began it appends the body as it passes and ends it by
/// <see cref="Commit{TMeta}"/> or <see cref="Abort"/>, exactly one of the two and nothing after it: fills are pooled. A
/// fill that became void (too large, no memory left, too many under way) takes no more bytes and still has to be ended.
/// One thread at a time; 0 bytes allocated in steady state.
/// </summary>
internal sealed unsafe class CacheFill(CacheShard shard)
{
    private CacheStore _store = null!;
    private byte[] _key = [];
    private int _keyBytes;
    private ulong _hash;
    private long _lengthHint;
    private long _stamp;
    private long _takenBytes;
    private Block* _first;
    private Block* _last;

    /// <summary>Nothing will be stored; <see cref="Append"/> may be left out from here.</summary>
    public bool IsVoid { get; private set; }

    /// <summary>Bytes of the body so far.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>
    /// Copies a run of the body behind what is there. False: the fill is void, because the entry got larger than an
    /// entry may be, or because its memory is not to be had.
    /// </summary>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        if (IsVoid) return false;
        if (BodyBytes + bytes.Length + _keyBytes > _store.MaxEntryBytes) return Void();
        while (!bytes.IsEmpty)
        {
            int room = _last == null ? 0 : Math.Min(_last->RoomBytes, CacheSegment.MaxBytes) - _last->StoredBytes;
            if (room == 0 && !AddRun(bytes.Length)) return Void();
            if (room == 0) room = Math.Min(_last->RoomBytes, CacheSegment.MaxBytes);
            int length = Math.Min(room, bytes.Length);
            bytes[..length].CopyTo(new Span<byte>(Block.Room(_last) + _last->StoredBytes, length));
            _last->StoredBytes += length;
            _last->BodyBytes += length;
            BodyBytes += length;
            bytes = bytes[length..];
        }
        return true;
    }

    /// <summary>
    /// Stores the entry and replaces what was under its key. <paramref name="tags"/> are separated by spaces,
    /// <paramref name="url"/> is what <see cref="CacheStore.PurgeUrl"/> and <see cref="CacheStore.PurgePrefix"/>
    /// compare with; both may be empty. <paramref name="meta"/> is at most <see cref="CacheLimits.MetaBytes"/> long.
    /// False when nothing was stored: the fill was void, or a purge that was ordered after it began would have removed
    /// the entry.
    /// </summary>
    public bool Commit<TMeta>(
        ReadOnlySpan<byte> head, in TMeta meta, ReadOnlySpan<byte> tags, ReadOnlySpan<byte> url)
        where TMeta : unmanaged
    {
        var metaBytes = MemoryMarshal.AsBytes(new ReadOnlySpan<TMeta>(in meta));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(metaBytes.Length, CacheLimits.MetaBytes, nameof(meta));
        Span<ulong> hashes = stackalloc ulong[CacheLimits.TagsPerEntry];
        int count = _store.HashTags(tags, hashes);
        var row = IsVoid || count < 0 ? null : MakeRow(head, metaBytes, hashes[..count], url);
        return End(row, diskAt: -1);
    }

    /// <summary>The same for an entry that lies on disk, at <paramref name="at"/>, and whose body was read.</summary>
    internal bool CommitRestored(DiskReader reader, long at)
    {
        var row = IsVoid ? null : MakeRow(reader.Head, reader.Meta, reader.Tags, reader.Url);
        if (row != null) row->SoftStamp = reader.Record.SoftStamp;
        return End(row, at);
    }

    /// <summary>Gives back what was taken; the store is as if the fill had not been.</summary>
    public void Abort()
    {
        bool isRefused = IsVoid;
        Void();
        shard.End(this, isRefused);
    }

    internal void Begin(CacheStore store, ulong hash, ReadOnlySpan<byte> key, long lengthHint, long stamp)
    {
        _store = store;
        _hash = hash;
        _lengthHint = lengthHint;
        _stamp = stamp;
        _takenBytes = 0;
        _keyBytes = key.Length;
        BodyBytes = 0;
        IsVoid = key.Length > CacheLimits.KeyBytes || lengthHint + key.Length > store.MaxEntryBytes;
        if (IsVoid) return;
        if (_key.Length < key.Length) _key = new byte[Math.Max(256, key.Length)];
        key.CopyTo(_key);
    }

    private bool End(EntryRow* row, long diskAt)
    {
        if (row == null)
        {
            Void();
            shard.End(this, isRefused: true);
            return false;
        }
        row->FirstSegment = _first;
        var last = _last;
        _first = _last = null;
        bool isStored = shard.Commit(this, row, last, _takenBytes, diskAt, out var lease);
        if (lease.IsHeld) _store.Pack(lease);
        return isStored;
    }

    private EntryRow* MakeRow(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> meta, ReadOnlySpan<ulong> tags, ReadOnlySpan<byte> url)
    {
        long bytes = BodyBytes + _keyBytes + head.Length;
        if (url.Length > CacheLimits.UrlBytes || bytes > _store.MaxEntryBytes) return null;
        var key = _key.AsSpan(0, _keyBytes);
        int record = EntryRow.RecordBytes(meta.Length, key.Length, head.Length, tags.Length, url.Length);
        var row = record > CacheLimits.RecordBytes ? null : shard.TakeRow(record);
        if (row == null) return null;
        row->Hash = _hash;
        row->Stamp = _stamp;
        row->BodyBytes = (int)BodyBytes;
        row->UrlHash = _store.HashUrl(url);
        EntryRow.Write(row, meta, key, head, tags, url);
        return row;
    }

    /// <summary>What is said to be missing, or, when nothing is said, as much as there is already.</summary>
    private bool AddRun(int nowBytes)
    {
        long asMuchAgain = Math.Max(CacheLimits.FirstRunBytes, BodyBytes);
        long wanted = _lengthHint > BodyBytes ? _lengthHint - BodyBytes : asMuchAgain;
        var run = shard.TakeRun((int)Math.Min(CacheSegment.MaxBytes, Math.Max(wanted, nowBytes)));
        if (run == null) return false;
        run->StoredBytes = run->BodyBytes = 0;
        if (_last == null) _first = run;
        else _last->Next = run;
        _last = run;
        _takenBytes += run->Bytes;
        return true;
    }

    private bool Void()
    {
        IsVoid = true;
        if (_first != null) shard.GiveBack(_first, _takenBytes);
        _first = _last = null;
        _takenBytes = 0;
        return false;
    }
}
