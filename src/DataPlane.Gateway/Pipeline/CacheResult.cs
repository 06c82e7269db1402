namespace DataPlane.Gateway.Pipeline;

/// <summary>How the cache of a route answered an exchange; the metric's and the access log's words.</summary>
public enum CacheResult : byte
{
    /// <summary>The route has no cache.</summary>
    None,

    /// <summary>A fresh response was there.</summary>
    Hit,

    /// <summary>A response that is no longer fresh, as its upstream or the configuration allow.</summary>
    Stale,

    /// <summary>The upstream said that the stored response is still right.</summary>
    Revalidated,

    /// <summary>Another exchange fetched what this one waited for.</summary>
    Coalesced,

    /// <summary>The upstream answered.</summary>
    Miss,

    /// <summary>The cache had no part in it.</summary>
    Bypass,
}
