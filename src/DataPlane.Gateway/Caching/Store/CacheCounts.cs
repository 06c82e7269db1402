namespace DataPlane.Gateway.Caching.Store;

/// <summary>What the store has and did, read at one moment; totals only grow.</summary>
internal readonly record struct CacheCounts
{
    public long Entries { get; init; }

    /// <summary>
    /// Bytes taken: bodies as stored, heads, keys, bookkeeping, fills under way, leases on evicted entries.
    /// </summary>
    public long Bytes { get; init; }

    public long CapacityBytes { get; init; }

    /// <summary>Bytes got from the runtime: what is taken and what is free; never more than the capacity.</summary>
    public long ReservedBytes { get; init; }

    public long FillsUnderWay { get; init; }

    /// <summary>Bytes that fills under way have taken.</summary>
    public long FillBytes { get; init; }

    /// <summary>Bytes that the entries now stored would take more if they were not compressed.</summary>
    public long SavedBytes { get; init; }

    /// <summary>Entries that gave their room to others.</summary>
    public long EvictionsTotal { get; init; }

    /// <summary>Entries that a purge, or a removal, took out.</summary>
    public long PurgedTotal { get; init; }

    /// <summary>
    /// Fills that were refused or voided: too large, too many, no memory, purged before they were complete.
    /// </summary>
    public long RefusedTotal { get; init; }

    public static CacheCounts operator +(CacheCounts one, CacheCounts other) => new()
    {
        Entries = one.Entries + other.Entries,
        Bytes = one.Bytes + other.Bytes,
        CapacityBytes = one.CapacityBytes + other.CapacityBytes,
        ReservedBytes = one.ReservedBytes + other.ReservedBytes,
        FillsUnderWay = one.FillsUnderWay + other.FillsUnderWay,
        FillBytes = one.FillBytes + other.FillBytes,
        SavedBytes = one.SavedBytes + other.SavedBytes,
        EvictionsTotal = one.EvictionsTotal + other.EvictionsTotal,
        PurgedTotal = one.PurgedTotal + other.PurgedTotal,
        RefusedTotal = one.RefusedTotal + other.RefusedTotal,
    };
}
