using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// A response on its way into the store. The one who began it appends the body as it passes and ends it by
/// <see cref="Commit{TMeta}"/> or <see cref="Abort"/>, exactly one of the two and nothing after it: fills are pooled. A fill
/// that became void (too large, no memory left, too many under way) takes no more bytes and still has to be ended. One
/// thread at a time; 0 bytes allocated in steady state.
/// </summary>
internal sealed class CacheFill
{
    private readonly CacheStore _store;
    private readonly MemoryStream _body = new();
    private byte[] _key = [];
    private long _stamp;

    internal CacheFill(CacheStore store) => _store = store;

    /// <summary>Nothing will be stored; <see cref="Append"/> may be left out from here.</summary>
    public bool IsVoid { get; private set; }

    /// <summary>Bytes of the body so far.</summary>
    public long BodyBytes => _body.Length;

    /// <summary>
    /// Copies a run of the body behind what is there. False: the fill is void, because the entry got larger than an
    /// entry may be, or because its memory is not to be had.
    /// </summary>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        IsVoid |= _body.Length + bytes.Length > _store.MaxEntryBytes;
        if (!IsVoid) _body.Write(bytes);
        return !IsVoid;
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
        if (IsVoid) return false;
        return _store.Add(new StoredEntry
        {
            Key = _key,
            Head = head.ToArray(),
            Body = _body.ToArray(),
            Meta = MemoryMarshal.AsBytes(new ReadOnlySpan<TMeta>(in meta)).ToArray(),
            Url = url.ToArray(),
            Tags = System.Text.Encoding.UTF8.GetString(tags).Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Stamp = _stamp,
        });
    }

    /// <summary>Gives back what was taken; the store is as if the fill had not been.</summary>
    public void Abort() => IsVoid = true;

    internal void Begin(ReadOnlySpan<byte> key, long stamp)
    {
        _key = key.ToArray();
        _stamp = stamp;
    }
}
