namespace DataPlane.Lambda.Queue;

/// <summary>What becomes of an entry. <c>Condition</c> is null while it stays, and as records have it else.</summary>
internal readonly record struct QueueVerdict(string? Condition, long DueMs, int Attempts, int Throttles)
{
    public const string Success = "Success";
    public const string RetriesExhausted = "RetriesExhausted";
    public const string EventAgeExceeded = "EventAgeExceeded";
    public const string ZeroReservedConcurrency = "ZeroReservedConcurrency";

    public bool IsEnd => Condition is not null;
}
