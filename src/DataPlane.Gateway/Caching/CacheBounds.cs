using DataPlane.Http;

namespace DataPlane.Gateway.Caching;

/// <summary>Bounds of the cache that the configuration does not set, with their reasons.</summary>
internal static class CacheBounds
{
    /// <summary>
    /// For so long the requests for a response that turned out not to be storable go to the upstream side by side,
    /// instead of one after the other.
    /// </summary>
    public const int UnsharedMs = 10_000;

    /// <summary>A disk that takes longer to give a response back has none, for this request.</summary>
    public const int RestoreMs = 1_000;

    /// <summary>
    /// Of heads that are stored, whose bytes have passed the operator's limits before: they grow by a Date at most.
    /// </summary>
    public static readonly HeadLimits StoredHead = new(1 << 20, 1 << 20, 1 << 12);

    /// <summary>Bytes of the names in Vary; a response with more is not stored.</summary>
    public const int NameBytes = 1024;

    /// <summary>Bytes of a response's tags; one with more is not stored, for it could not be purged by all.</summary>
    public const int TagBytes = 8 * 1024;
}
