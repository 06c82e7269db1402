namespace DataPlane.Gateway.Compilation;

/// <summary>A generation that serves a share of the connections. Immutable.</summary>
public sealed class SnapshotShare(GatewaySnapshot snapshot, double share)
{
    public GatewaySnapshot Snapshot { get; } = snapshot;

    /// <summary>0 to 1.</summary>
    public double Share { get; } = share;

    /// <summary>Lots below this one are served; 2^32 is everyone.</summary>
    public ulong Lots { get; } = (ulong)(share * (1L << 32));
}
