namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// The purges that look-ups and fills have to know of. A purge is at work at once: look-ups compare with those that the
/// sweep has not carried through yet (usually none), commits with the latest <see cref="CacheLimits.RecentPurges"/>. So
/// the purge itself touches no entry, and what it costs is spread. Added to on any thread but a loop's; read on any, 0
/// bytes.
/// </summary>
internal sealed class PurgeList
{
    private readonly Lock _gate = new();
    private PurgeOrder[] _active = [];
    private PurgeOrder[] _recent = [];
    private long _stamp;
    private long _forgotten;

    /// <summary>Purges and removals ordered so far.</summary>
    public long Stamp => Volatile.Read(ref _stamp);

    /// <summary>Those that entries in the index may still have to be compared with.</summary>
    public PurgeOrder[] Active => Volatile.Read(ref _active);

    /// <summary>The stamp of a removal by key, which needs no place here.</summary>
    public long CountRemoval() => Interlocked.Increment(ref _stamp);

    public void Add(PurgeKind kind, ReadOnlySpan<byte> text, ulong tag, bool isSoft)
    {
        lock (_gate)
        {
            // First the order, then the stamp: who has seen the stamp finds the order. A removal may count in between.
            while (true)
            {
                long before = Stamp;
                var order = new PurgeOrder(kind, text.ToArray(), tag, isSoft, before + 1);
                Volatile.Write(ref _recent, Append(_recent, order));
                PurgeOrder[] active = _active;
                Volatile.Write(ref _active, [.. active, order]);
                if (Interlocked.CompareExchange(ref _stamp, before + 1, before) == before) break;
                Volatile.Write(ref _active, active);
                Volatile.Write(ref _recent, _recent[..^1]);
            }
        }
    }

    /// <summary>The index has been gone through since purge <paramref name="stamp"/> was ordered.</summary>
    public void Retire(long stamp)
    {
        lock (_gate) Volatile.Write(ref _active, Array.FindAll(_active, order => order.Stamp > stamp));
    }

    /// <summary>
    /// What the purges make of a response that was asked for at <paramref name="since"/>: whether it may be stored, and
    /// the last soft one that met it.
    /// </summary>
    public bool MayStore(long since, ReadOnlySpan<byte> url, ReadOnlySpan<ulong> tags, out long softStamp)
    {
        softStamp = 0;
        PurgeOrder[] recent = Volatile.Read(ref _recent);
        for (int index = recent.Length - 1; index >= 0 && recent[index].Stamp > since; index--)
        {
            if (!recent[index].Meets(since, url, tags)) continue;
            if (!recent[index].IsSoft) return false;
            softStamp = Math.Max(softStamp, recent[index].Stamp);
        }
        return since >= Volatile.Read(ref _forgotten);
    }

    private PurgeOrder[] Append(PurgeOrder[] orders, PurgeOrder order)
    {
        if (orders.Length < CacheLimits.RecentPurges) return [.. orders, order];
        // A quarter at a time: who asked before them is refused from here.
        int dropped = CacheLimits.RecentPurges / 4;
        Volatile.Write(ref _forgotten, orders[dropped - 1].Stamp);
        return [.. orders[dropped..], order];
    }
}
