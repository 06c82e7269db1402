using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// A stored response that is being used. Its memory stays as it is until <see cref="Dispose"/>, whatever is evicted,
/// purged or replaced meanwhile. Dispose it exactly once, on any thread, whichever copy of the struct; the default
/// value holds nothing and may be disposed. Spans and memory from it end with it. 0 bytes.
/// </summary>
internal readonly unsafe struct CacheLease : IDisposable
{
    private readonly CacheShard? _shard;
    private readonly EntryRow* _row;

    internal CacheLease(CacheShard shard, EntryRow* row, long stamp)
    {
        _shard = shard;
        _row = row;
        Stamp = stamp;
    }

    public bool IsHeld => _shard is not null;

    /// <summary>The key it was filled under, all bytes.</summary>
    public ReadOnlySpan<byte> Key => Row->Key;

    /// <summary>The response head as it was committed; opaque to the store.</summary>
    public ReadOnlyMemory<byte> Head
    {
        get
        {
            var row = Row;
            var at = Block.Room(row->Record) + row->HeadOffset;
            return new ReadOnlyMemory<byte>(
                _shard!.MemoryOf(row->Record), _shard.OffsetOf(row->Record, at), row->HeadBytes);
        }
    }

    /// <summary>Bytes of the body when unpacked; 0 when there is none.</summary>
    public long BodyBytes => Row->BodyBytes;

    /// <summary>Some of its segments are packed: they are copied out, not lent.</summary>
    public bool IsPacked => Row->IsPacked;

    /// <summary>A soft purge met it: it must be validated before it is served, or serve where an error would.</summary>
    public bool IsSoftPurged => Volatile.Read(ref Row->SoftStamp) > Row->Stamp;

    /// <summary>The body, from its start, each time it is asked for.</summary>
    public CacheSegments Body => new(_shard!, _shard!.Compressor, Row->FirstOfBody);

    internal EntryRow* Row => _row;

    internal CacheShard Shard => _shard!;

    /// <summary>Purges that had been ordered when the lease was taken.</summary>
    internal long Stamp { get; }

    /// <summary>
    /// What was committed with it, of the type it was committed as: another size is a mistake that throws. Read only:
    /// <see cref="CacheStore.UpdateHead{TMeta}"/> makes a new version.
    /// </summary>
    public ref readonly TMeta Meta<TMeta>() where TMeta : unmanaged
    {
        if (Row->MetaBytes != sizeof(TMeta)) ThrowOtherMeta();
        return ref Unsafe.AsRef<TMeta>(Block.Room(Row->Record));
    }

    public void Dispose() => _shard?.Release(_row);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowOtherMeta() =>
        throw new InvalidOperationException("the entry was committed with another type");
}
