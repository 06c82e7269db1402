namespace DataPlane.Gateway.Caching.Store;

/// <summary>Bounds of the store that the configuration does not set.</summary>
internal static class CacheLimits
{
    /// <summary>Bytes of what the semantics keep beside a response.</summary>
    public const int MetaBytes = 256;

    /// <summary>Longest key; a longer one is neither found nor stored.</summary>
    public const int KeyBytes = 16 * 1024;

    /// <summary>Tags of one entry; a response with more is not stored, for it could not be purged by all of them.</summary>
    public const int TagsPerEntry = 64;
}
