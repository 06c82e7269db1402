namespace DataPlane.Http.Caching;

/// <summary>Directives without a number (RFC 9111 5.2).</summary>
[Flags]
public enum CacheFlags
{
    None = 0,
    NoStore = 1 << 0,
    NoCache = 1 << 1,
    Private = 1 << 2,
    Public = 1 << 3,
    MustRevalidate = 1 << 4,
    ProxyRevalidate = 1 << 5,
    MustUnderstand = 1 << 6,
    OnlyIfCached = 1 << 7,
    Immutable = 1 << 8,

    /// <summary>A private or no-cache that names fields: the rest of the response may be stored.</summary>
    NamesFields = 1 << 9,

    /// <summary>max-stale without a number: however stale.</summary>
    AnyStale = 1 << 10,
}
