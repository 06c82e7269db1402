namespace DataPlane.Http.Caching;

/// <summary>
/// What the Cache-Control fields of one message say. Numbers are seconds, at most 2^31-1; -1 for none.
/// </summary>
public struct CacheDirectives
{
    public const int None = -1;

    public CacheDirectives()
    {
    }

    public CacheFlags Flags { get; set; }

    public int MaxAge { get; set; } = None;

    public int SharedMaxAge { get; set; } = None;

    public int StaleWhileRevalidate { get; set; } = None;

    public int StaleIfError { get; set; } = None;

    public int MaxStale { get; set; } = None;

    public int MinFresh { get; set; } = None;

    public readonly bool Has(CacheFlags flag) => (Flags & flag) != 0;

    /// <summary>What a shared cache is told about how long the response is fresh; -1 when nothing is said.</summary>
    public readonly int Lifetime => SharedMaxAge >= 0 ? SharedMaxAge : MaxAge;

    /// <summary>A shared cache may never use the response stale (RFC 9111 4.2.4; s-maxage: 5.2.2.10).</summary>
    public readonly bool ForbidsStale =>
        (Flags & (CacheFlags.MustRevalidate | CacheFlags.ProxyRevalidate | CacheFlags.NoCache)) != 0
        || SharedMaxAge >= 0;
}
