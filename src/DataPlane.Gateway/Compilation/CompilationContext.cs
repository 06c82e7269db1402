using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Policies.RateLimiting;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Compilation;

/// <summary>What factories may use while a snapshot is compiled.</summary>
public sealed record CompilationContext(
    GatewayConfig Config,
    IReadOnlyDictionary<string, Upstream> Upstreams,
    StateTable State,
    TimeProvider Time)
{
    /// <summary>Loops of the process, for state with a part per loop.</summary>
    public required int LoopCount { get; init; }

    /// <summary>Where the cache tells of its troubles.</summary>
    public CacheJournal CacheJournal { get; init; } = new();

    /// <summary>Filled while policies are built; a shared one stands here once.</summary>
    public List<RateLimiter> RateLimiters { get; } = [];

    /// <summary>Filled while policies are built: the routes that cache.</summary>
    internal List<(string Route, CacheTally Tally)> CacheTallies { get; } = [];

    /// <summary>The one of the process, made when the first route asks for it.</summary>
    internal ResponseCache ResponseCache => State.Keep("", Config.Cache.Disk, MakeCache);

    /// <summary>As <see cref="RateLimiters"/>.</summary>
    public List<ConcurrencyLimiter> ConcurrencyLimiters { get; } = [];

    public static ImmutableArray<string> CapturesOf(RouteConfig route) => route.Match.Path.Captures;

    private ResponseCache MakeCache()
    {
        var config = Config.Cache;
        var disk = config.Disk is { } place ? new DiskTier(place.Path, place.MaxSize, Time, CacheJournal) : null;
        // Even where nothing is compressed as yet: that may change.
        var store = new CacheStore(
            config.Memory, config.Entry, Time, BlockCompressors.Find(), compressAboveBytes: int.MaxValue, disk: disk);
        return new ResponseCache(store, Time, LoopCount);
    }
}
