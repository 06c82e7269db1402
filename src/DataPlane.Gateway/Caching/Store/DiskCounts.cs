namespace DataPlane.Gateway.Caching.Store;

/// <summary>What the disk tier has and did, read at one moment; totals only grow.</summary>
internal readonly record struct DiskCounts
{
    public long Entries { get; init; }

    public long Bytes { get; init; }

    public long CapacityBytes { get; init; }

    /// <summary>Entries that came back from disk.</summary>
    public long HitsTotal { get; init; }

    /// <summary>Look-ups that found nothing in memory and nothing on disk, or nothing that could be used.</summary>
    public long MissesTotal { get; init; }

    public long WritesTotal { get; init; }

    /// <summary>
    /// Evicted entries that were not written: too many waited, too large, or the tier is off for a while.
    /// </summary>
    public long DroppedTotal { get; init; }

    /// <summary>Failures of the disk, and records that were not what had been written.</summary>
    public long ErrorsTotal { get; init; }
}
