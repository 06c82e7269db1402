namespace DataPlane.Lambda.Queue;

/// <summary>What the queue counts for one function or destination. Written by its thread, read by any.</summary>
public sealed class QueueCounters
{
    public long Entries { get; internal set; }

    public long Bytes { get; internal set; }

    public long Running { get; internal set; }

    /// <summary>Unix time when the oldest one came; 0 for none.</summary>
    public long OldestMs { get; internal set; }

    public long Retries { get; internal set; }

    /// <summary>Entries that nobody ever took, and that have no destination for that either.</summary>
    public long Dropped { get; internal set; }

    public long Delivered { get; internal set; }

    /// <summary>Refused with 429, because the queue was full. Any thread.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    private long _refused;

    internal void Refuse() => Interlocked.Increment(ref _refused);
}
