namespace DataPlane.Lambda.Queue;

/// <summary>One event that waits. <c>Attempts</c> are those that failed.</summary>
public sealed record QueueEntryView(Guid RequestId, DateTimeOffset Queued, DateTimeOffset Due, int Attempts, int Bytes);
