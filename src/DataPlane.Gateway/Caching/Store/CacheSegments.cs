namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The segments of a stored body in order: <c>foreach (var segment in lease.Body)</c>. Its own enumerator, which may be
/// kept over an <c>await</c>; 0 bytes.
/// </summary>
internal unsafe struct CacheSegments
{
    private readonly CacheShard? _shard;
    private readonly IBlockCompressor? _compressor;
    private Block* _next;
    private Block* _current;

    internal CacheSegments(CacheShard shard, IBlockCompressor? compressor, Block* first)
    {
        _shard = shard;
        _compressor = compressor;
        _next = first;
    }

    /// <summary>Valid while the lease is held.</summary>
    public readonly CacheSegment Current
    {
        get
        {
            var block = _current;
            var stored = new ReadOnlyMemory<byte>(
                _shard!.MemoryOf(block), _shard.OffsetOf(block, Block.Room(block)), block->StoredBytes);
            return new CacheSegment(
                stored, block->BodyBytes, block->StoredBytes == block->BodyBytes ? null : _compressor);
        }
    }

    public readonly CacheSegments GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next == null) return false;
        _current = _next;
        _next = _next->Next;
        return true;
    }
}
