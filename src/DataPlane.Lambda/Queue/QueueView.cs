namespace DataPlane.Lambda.Queue;

/// <summary>The queue of one function for people.</summary>
public sealed record QueueView(
    string Function, int Entries, int Running, long Bytes, double OldestAgeSeconds, long Retries, long Dropped,
    IReadOnlyList<QueueEntryView> Waiting);
