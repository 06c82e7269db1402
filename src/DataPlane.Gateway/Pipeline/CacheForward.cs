namespace DataPlane.Gateway.Pipeline;

/// <summary>Why an exchange of a caching route went to the upstream (RFC 9211 2.2).</summary>
public enum CacheForward : byte
{
    None,

    /// <summary>The configuration or the request keep the cache out of it.</summary>
    Bypass,
    Method,
    UriMiss,

    /// <summary>Something is stored for the URI, but not for such a request.</summary>
    VaryMiss,

    /// <summary>The request's own directives.</summary>
    Request,
    Stale,
}
