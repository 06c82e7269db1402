using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Caching;

namespace DataPlane.Gateway.Caching;

/// <summary>What a loop has of the cache: room for the key of a look-up, and spares. Loop thread; 0 bytes.</summary>
internal sealed class CachePlace(EventLoop loop, ResponseCache cache)
{
    private readonly Stack<CacheTurn> _turns = new();
    private readonly Stack<FlightWaiter> _waiters = new();
    private readonly Stack<BackgroundFetch> _fetches = new();
    private readonly Stack<InvalidationWatch> _watches = new();

    public ResponseCache Cache => cache;

    /// <summary>Written by the loop, read by anybody.</summary>
    public int Waiting { get; set; }

    /// <summary>The key of the request at hand; overwritten by the next one.</summary>
    public byte[] Key { get; } = new byte[CacheLimits.KeyBytes];

    /// <summary>
    /// Looks the key up, and with what Vary names again: then it gets longer. The lease is the caller's when true.
    /// </summary>
    public bool TryFind(Exchange exchange, byte[] key, ref int length, out CacheLease lease)
    {
        if (!cache.Store.TryGet(key.AsSpan(0, length), out lease)) return false;
        if (!lease.Meta<EntryMeta>().IsSelector) return true;
        bool fits = CacheKey.TryAddSelection(exchange, lease.Head.Span, key, ref length);
        lease.Dispose();
        lease = default;
        return fits && cache.Store.TryGet(key.AsSpan(0, length), out lease);
    }

    /// <summary>
    /// Has the entry under the first bytes of <see cref="Key"/> brought back from disk, unless somebody does. Whoever
    /// waits looks again; null when there is nothing to wait for.
    /// </summary>
    public FlightWaiter? Restore(int length)
    {
        var key = Key.AsSpan(0, length);
        // Apart from the flight of those who wait for the upstream.
        ulong flightKey = ResponseCache.HashOf(key) | (1UL << 33);
        var flight = cache.FlightOf(flightKey);
        var waiter = RentWaiter();
        var role = flight.Enter(flightKey, waiter, loop.NowMs);
        if (role == FlightRole.Leader)
        {
            // The read leads from here, and this one waits like everybody else, if it is not over yet.
            bool isBegun = cache.Reads!.TryAdd(key, flight, flightKey);
            if (isBegun) role = flight.Enter(flightKey, waiter, loop.NowMs);
            if (role == FlightRole.Leader) flight.Leave(flightKey, FlightEnd.Stored, unsharedUntilMs: 0);
        }
        if (role == FlightRole.Follower) return waiter;
        Return(waiter);
        return null;
    }

    public CacheTurn RentTurn() => _turns.TryPop(out var turn) ? turn : new CacheTurn(this);

    public void Return(CacheTurn turn) => _turns.Push(turn);

    public FlightWaiter RentWaiter() =>
        _waiters.TryPop(out var waiter) ? waiter : new FlightWaiter(loop, _waiters);

    public void Return(FlightWaiter waiter) => _waiters.Push(waiter);

    public InvalidationWatch RentWatch() =>
        _watches.TryPop(out var watch) ? watch : new InvalidationWatch(cache);

    public void Return(InvalidationWatch watch)
    {
        watch.End();
        _watches.Push(watch);
    }

    public BackgroundFetch RentFetch() => _fetches.TryPop(out var fetch) ? fetch : new BackgroundFetch(loop, this);

    public void Return(BackgroundFetch fetch) => _fetches.Push(fetch);
}
