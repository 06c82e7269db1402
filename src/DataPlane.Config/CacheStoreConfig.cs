namespace DataPlane.Config;

/// <summary>The memory that all routes' caches share.</summary>
public sealed record CacheStoreConfig
{
    /// <summary>Bytes, with everything that belongs to an entry.</summary>
    public long Memory { get; init; } = 64L << 20;

    /// <summary>Bytes of the largest response that is stored.</summary>
    public long Entry { get; init; } = 8L << 20;

    /// <summary>Bodies from this many bytes are compressed; 0 for none.</summary>
    public long CompressFrom { get; init; } = 4096;

    /// <summary>Null for only memory.</summary>
    public CacheDiskConfig? Disk { get; init; }
}
