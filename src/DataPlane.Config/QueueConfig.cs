namespace DataPlane.Config;

/// <summary>Where events of asynchronous invocations wait, and how many.</summary>
public sealed record QueueConfig
{
    public const string StandardFile = "dataplane-queue.db";

    /// <summary>The database's file, absolute.</summary>
    public string Path { get; init; } = System.IO.Path.GetFullPath(StandardFile);

    /// <summary>Events of all functions together, and answers on their way to a destination.</summary>
    public int Entries { get; init; } = 100_000;

    /// <summary>Their payloads together.</summary>
    public long Bytes { get; init; } = 1L << 30;
}
