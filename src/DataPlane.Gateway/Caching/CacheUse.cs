namespace DataPlane.Gateway.Caching;

/// <summary>What a stored response may do for a request.</summary>
internal enum CacheUse : byte
{
    /// <summary>There is none.</summary>
    Miss,
    Fresh,

    /// <summary>The request takes it although it is stale.</summary>
    Stale,

    /// <summary>It may be sent while a new one is fetched.</summary>
    StaleWhileRevalidate,

    /// <summary>The upstream has to be asked whether it is still right.</summary>
    Expired,

    /// <summary>The same, because the request wants it so.</summary>
    Asked,
}
