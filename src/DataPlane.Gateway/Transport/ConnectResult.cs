namespace DataPlane.Gateway.Transport;

/// <summary>A connection, or why there is none.</summary>
public readonly record struct ConnectResult(LoopConnection? Connection, ConnectFault Fault);
