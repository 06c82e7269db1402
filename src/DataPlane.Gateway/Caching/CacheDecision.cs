using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Caching;

namespace DataPlane.Gateway.Caching;

/// <summary>Whether a stored response answers a request (RFC 9111 4.2, 5.2.1; RFC 5861). 0 bytes.</summary>
internal static class CacheDecision
{
    public static CacheUse Of(Exchange exchange, in CacheLease lease, in CacheDirectives asked)
    {
        ref readonly var meta = ref lease.Meta<EntryMeta>();
        long nowMs = exchange.Loop.NowMs;
        long leftMs = meta.LeftMs(nowMs);
        bool isFresh = leftMs > 0 && !meta.AsksAlways && !lease.IsSoftPurged;
        bool wantsNew = asked.Has(CacheFlags.NoCache)
            || (asked.MaxAge >= 0 && meta.AgeMs(nowMs) > asked.MaxAge * 1000L)
            || (asked.MinFresh > 0 && leftMs < asked.MinFresh * 1000L);
        if (isFresh) return wantsNew ? CacheUse.Asked : CacheUse.Fresh;
        if (wantsNew || meta.AsksAlways || meta.ForbidsStale) return CacheUse.Expired;
        bool takesStale = asked.Has(CacheFlags.AnyStale)
            || (asked.MaxStale >= 0 && -leftMs <= asked.MaxStale * 1000L);
        if (takesStale && !lease.IsSoftPurged) return CacheUse.Stale;
        return meta.StaleWhileRevalidateMs > 0 && -leftMs < meta.StaleWhileRevalidateMs
            ? CacheUse.StaleWhileRevalidate : CacheUse.Expired;
    }
}
