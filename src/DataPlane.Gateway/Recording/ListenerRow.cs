namespace DataPlane.Gateway.Recording;

/// <summary>One listener's routes on one loop. Index 0 is for requests that no route matched.</summary>
internal sealed class ListenerRow(byte[] label)
{
    /// <summary><c>listener="..."</c>.</summary>
    public byte[] Label { get; } = label;

    public ShardRows<RouteRow> Routes { get; } = new();
}
