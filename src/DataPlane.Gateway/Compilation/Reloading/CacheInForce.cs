using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// The cache's disk once a route caches: what is on it belongs to the responses in memory, and nobody wants to lose
/// both to a reload. The rest of <c>cache</c> follows. One thread at a time.
/// </summary>
public sealed class CacheInForce(SnapshotStore snapshots) : IProcessSettings
{
    public IPreparedSettings? Prepare(GatewayConfig config, ConfigPlaces places, ConfigErrors errors)
    {
        var serving = snapshots.Current;
        if (serving.Cache is not null && serving.Settings.Cache.Disk != config.Cache.Disk)
            places.RefuseChange("cache.disk", errors);
        return null;
    }
}
