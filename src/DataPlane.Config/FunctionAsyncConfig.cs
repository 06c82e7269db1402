namespace DataPlane.Config;

/// <summary>What becomes of events whose sender does not wait for the answer.</summary>
public sealed record FunctionAsyncConfig
{
    /// <summary>Further attempts after the function has failed.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Before the first further attempt; the second waits twice, the third three times as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>From the 202 on; an event that is older is given up.</summary>
    public TimeSpan MaximumAge { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Gets a record of each success; null for nobody.</summary>
    public DestinationConfig? OnSuccess { get; init; }

    /// <summary>Gets a record of each event that was given up; null for nobody.</summary>
    public DestinationConfig? OnFailure { get; init; }

    /// <summary>Gets each event that was given up, as it came; null for nobody.</summary>
    public DestinationConfig? DeadLetter { get; init; }
}
