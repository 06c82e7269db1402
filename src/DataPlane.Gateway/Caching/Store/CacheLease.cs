using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// A stored response that is being used. Its memory stays as it is until <see cref="Dispose"/>, whatever is evicted,
/// purged or replaced meanwhile. Dispose it exactly once, on any thread, whichever copy of the struct; the default value
/// holds nothing and may be disposed. Spans and memory from it end with it. 0 bytes.
/// </summary>
internal readonly struct CacheLease : IDisposable
{
    private readonly StoredEntry? _entry;

    internal CacheLease(StoredEntry entry, long stamp)
    {
        _entry = entry;
        Stamp = stamp;
    }

    public bool IsHeld => _entry is not null;

    /// <summary>The key it was filled under, all bytes.</summary>
    public ReadOnlySpan<byte> Key => Entry.Key;

    /// <summary>The response head as it was committed; opaque to the store.</summary>
    public ReadOnlyMemory<byte> Head => Entry.Head;

    /// <summary>Bytes of the body when unpacked; 0 when there is none.</summary>
    public long BodyBytes => Entry.Body.Length;

    /// <summary>Some of its segments are packed: they are copied out, not lent.</summary>
    public bool IsPacked => false;

    /// <summary>A soft purge met it: it must be validated before it is served, or serve where an error would.</summary>
    public bool IsSoftPurged => Entry.IsSoftPurged;

    /// <summary>The body, from its start, each time it is asked for.</summary>
    public CacheSegments Body => new(_entry);

    internal StoredEntry Entry => _entry ?? throw new InvalidOperationException("the lease holds nothing");

    /// <summary>Purges that had been ordered when the lease was taken.</summary>
    internal long Stamp { get; }

    /// <summary>
    /// What was committed with it, of the type it was committed as: another size is a mistake that throws. Read only:
    /// <see cref="CacheStore.UpdateHead{TMeta}"/> makes a new version.
    /// </summary>
    public ref readonly TMeta Meta<TMeta>() where TMeta : unmanaged =>
        ref MemoryMarshal.AsRef<TMeta>(Entry.Meta.AsSpan());

    public void Dispose()
    {
    }
}
