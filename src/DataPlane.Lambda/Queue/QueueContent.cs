namespace DataPlane.Lambda.Queue;

/// <summary>What of an entry only its turn needs.</summary>
internal sealed record QueueContent(byte[] Payload)
{
    /// <summary>The trace header of the invocation; empty for none.</summary>
    public string Trace { get; init; } = "";

    /// <summary>JSON of the client context; empty for none.</summary>
    public byte[] ClientContext { get; init; } = [];

    /// <summary>The arn of the invocation names a version.</summary>
    public bool IsQualified { get; init; }

    /// <summary>Where an upstream gets it, and header fields for that: a path, then lines.</summary>
    public string Note { get; init; } = "";
}
