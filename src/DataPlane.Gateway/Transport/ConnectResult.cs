namespace DataPlane.Gateway.Transport;

/// <summary>A connection, or why there is none.</summary>
public readonly record struct ConnectResult(LoopConnection? Connection, ConnectFault Fault)
{
    /// <summary>More about the fault, for people; null when it says everything.</summary>
    public string? Detail { get; init; }
}
