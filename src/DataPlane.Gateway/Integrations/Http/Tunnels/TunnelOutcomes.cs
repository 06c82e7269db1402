using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Tunnels;

namespace DataPlane.Gateway.Integrations.Http.Tunnels;

/// <summary>What the end of a tunnel is as the outcome of its exchange. 0 bytes.</summary>
internal static class TunnelOutcomes
{
    public static ExchangeOutcome Of(TunnelEnd end) => end switch
    {
        TunnelEnd.ClientReset => ExchangeOutcome.ClientAborted,
        TunnelEnd.ClientTooSlow => ExchangeOutcome.ClientTooSlow,
        TunnelEnd.UpstreamReset => ExchangeOutcome.UpstreamTruncated,
        TunnelEnd.Idle => ExchangeOutcome.TunnelIdle,
        TunnelEnd.Lifetime => ExchangeOutcome.TunnelLifetime,
        TunnelEnd.Drained => ExchangeOutcome.TunnelDrained,
        TunnelEnd.BadFrame => ExchangeOutcome.TunnelBadFrame,
        TunnelEnd.InternalError => ExchangeOutcome.InternalError,
        _ => ExchangeOutcome.Completed,
    };
}
