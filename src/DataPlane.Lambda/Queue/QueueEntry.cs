namespace DataPlane.Lambda.Queue;

/// <summary>
/// One entry as the queue's thread knows it, about 120 bytes: its payload stays in the file until its turn.
/// </summary>
internal sealed class QueueEntry
{
    /// <summary>Larger than those of all entries before it.</summary>
    public required long Id { get; init; }

    public required QueueKind Kind { get; init; }

    /// <summary>Name of the function or upstream, or path of the file.</summary>
    public required string Target { get; init; }

    public required Guid RequestId { get; init; }

    /// <summary>Unix time.</summary>
    public required long QueuedMs { get; init; }

    public required int Bytes { get; init; }

    /// <summary>Unix time of the next attempt.</summary>
    public long DueMs { get; set; }

    /// <summary>Attempts that the function, or the destination, has failed.</summary>
    public int Attempts { get; set; }

    /// <summary>Times in a row it was refused before the function saw it.</summary>
    public int Throttles { get; set; }

    /// <summary>It has left the file.</summary>
    public bool IsGone { get; set; }
}
