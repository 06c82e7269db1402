using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Caching;

/// <summary>The responses of all routes that cache. One per gateway; outlives snapshots.</summary>
internal sealed class ResponseCache(CacheStore store, TimeProvider time, int loops)
{
    /// <summary>Responses fetched at once that others may wait for; two in one place do not share.</summary>
    private const int FlightCount = 1024;

    private readonly Flight[] _flights = [.. Enumerable.Range(0, FlightCount).Select(_ => new Flight())];
    private readonly CachePlace?[] _places = new CachePlace?[loops];

    public CacheStore Store => store;

    /// <summary>Null without a disk.</summary>
    public StoreReads? Reads { get; } = store.Disk is null ? null : new StoreReads(store);

    /// <summary>Seconds since 1970.</summary>
    public long NowSeconds => time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Exchanges that wait for a response which another one fetches. Any thread; good to a moment.</summary>
    public int Waiting
    {
        get
        {
            int waiting = 0;
            foreach (var place in _places) waiting += place?.Waiting ?? 0;
            return waiting;
        }
    }

    /// <summary>Loop thread.</summary>
    public CachePlace On(EventLoop loop) => _places[loop.Index] ??= new CachePlace(loop, this);

    public Flight FlightOf(ulong key) => _flights[key % FlightCount];

    /// <summary>Never 0; seeded anew by each process, so that nobody can aim at another one's place.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return (1UL << 32) | (uint)hash.ToHashCode();
    }
}
