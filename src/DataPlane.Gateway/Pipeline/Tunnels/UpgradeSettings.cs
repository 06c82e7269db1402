using DataPlane.Http.Requests;
using DataPlane.Http.WebSockets;

namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>
/// Which protocols the exchanges of a route may change to, and the limits of their tunnels. Immutable.
/// </summary>
public sealed class UpgradeSettings
{
    public required UpgradeProtocol[] Protocols { get; init; }

    /// <summary>Without a byte in either direction; 0 = no limit.</summary>
    public required int IdleTimeoutMs { get; init; }

    /// <summary>From the 101; 0 = no limit.</summary>
    public required int LifetimeMs { get; init; }

    /// <summary>Tunnels of the route at once, over all loops.</summary>
    public required int Most { get; init; }

    public required TunnelRegistry Registry { get; init; }

    /// <summary>True when tunnels have the same limits; the protocols are not looked at.</summary>
    public bool IsLimitedAs(UpgradeSettings other) =>
        IdleTimeoutMs == other.IdleTimeoutMs && LifetimeMs == other.LifetimeMs && Most == other.Most;

    /// <summary>The first of the route's protocols that the request asks for; null for none.</summary>
    public UpgradeProtocol? Find(RequestHead request, ReadOnlySpan<byte> head)
    {
        foreach (var protocol in Protocols)
        {
            if (UpgradeFields.Asks(request, head, protocol.TokenUtf8)) return protocol;
        }
        return null;
    }
}
