namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>
/// That an exchange asks to become a tunnel, and what came of it. Made per handshake; loop thread.
/// </summary>
public sealed class Upgrade(UpgradeProtocol protocol, UpgradeSettings settings, TunnelCounts counts)
{
    public UpgradeProtocol Protocol => protocol;

    public UpgradeSettings Settings => settings;

    public TunnelCounts Counts => counts;

    /// <summary>Null until the upstream has agreed.</summary>
    public ITunnel? Tunnel { get; set; }

    /// <summary>When the 101 was on its way to the client; 0 before. Durations of exchanges end there.</summary>
    public long StartTimestamp { get; set; }

    public TunnelEnd End { get; set; }
}
