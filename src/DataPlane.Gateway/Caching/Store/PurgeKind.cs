namespace DataPlane.Gateway.Caching.Store;

/// <summary>What a purge is compared with.</summary>
internal enum PurgeKind
{
    All,
    Url,
    Prefix,
    Tag,
}
