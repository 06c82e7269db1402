namespace DataPlane.Gateway.Caching;

/// <summary>
/// One place for a response that is being fetched, with those who wait for it. Lock-free; any loop. Whoever is woken
/// looks again, so that waking the wrong one costs a look-up and nothing else: a place may be taken by another key
/// while a waiter of the last one is still on its way in. <c>FlightTests</c> has the races.
/// </summary>
internal sealed class Flight
{
    private ulong _key;
    private FlightWaiter? _waiters;
    private ulong _unsharedKey;
    private long _unsharedUntilMs;

    /// <summary>Leads, follows with <paramref name="waiter"/>, or neither. 0 bytes.</summary>
    public FlightRole Enter(ulong key, FlightWaiter? waiter, long nowMs)
    {
        if (Volatile.Read(ref _unsharedKey) == key && nowMs < Volatile.Read(ref _unsharedUntilMs))
            return FlightRole.Alone;
        ulong taken = Interlocked.CompareExchange(ref _key, key, 0);
        if (taken == 0) return FlightRole.Leader;
        if (taken != key || waiter is null) return FlightRole.Alone;
        waiter.Begin();
        FlightWaiter? first;
        do
        {
            first = Volatile.Read(ref _waiters);
            waiter.Next = first;
        }
        while (Interlocked.CompareExchange(ref _waiters, waiter, first) != first);
        // The leader frees the place before it takes the list: who comes in after that must not wait for nobody.
        if (Volatile.Read(ref _key) != key) Wake(FlightEnd.Stored);
        return FlightRole.Follower;
    }

    /// <summary>
    /// The leader is done. With <paramref name="unsharedUntilMs"/>, requests with this key do not wait for each other
    /// before then.
    /// </summary>
    public void Leave(ulong key, FlightEnd end, long unsharedUntilMs)
    {
        if (unsharedUntilMs > 0)
        {
            Volatile.Write(ref _unsharedUntilMs, unsharedUntilMs);
            Volatile.Write(ref _unsharedKey, key);
        }
        else if (end == FlightEnd.Stored && Volatile.Read(ref _unsharedKey) == key)
        {
            Volatile.Write(ref _unsharedKey, 0);
        }
        Interlocked.Exchange(ref _key, 0);
        Wake(end);
    }

    private void Wake(FlightEnd end)
    {
        var waiter = Interlocked.Exchange(ref _waiters, null);
        while (waiter is not null)
        {
            // Read first: once woken it may wait again elsewhere.
            var next = waiter.Next;
            waiter.Next = null;
            waiter.Wake(end);
            waiter = next;
        }
    }
}
