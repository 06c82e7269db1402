namespace DataPlane.Gateway.Caching.Store;

/// <summary>What the store has and did, read at one moment; totals only grow.</summary>
internal readonly record struct CacheCounts
{
    public long Entries { get; init; }

    /// <summary>Bytes taken: bodies as stored, heads, keys, bookkeeping, fills under way, leases on evicted entries.</summary>
    public long Bytes { get; init; }

    public long CapacityBytes { get; init; }

    public long FillsUnderWay { get; init; }

    /// <summary>Bytes that fills under way have taken.</summary>
    public long FillBytes { get; init; }

    /// <summary>Bytes that the entries now stored would take more if they were not compressed.</summary>
    public long SavedBytes { get; init; }

    /// <summary>Entries that gave their room to others.</summary>
    public long EvictionsTotal { get; init; }

    /// <summary>Entries that a purge, or a removal, took out.</summary>
    public long PurgedTotal { get; init; }

    /// <summary>Fills that were refused or voided: too large, too many, no memory.</summary>
    public long RefusedTotal { get; init; }
}
