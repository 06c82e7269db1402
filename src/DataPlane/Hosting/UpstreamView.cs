using DataPlane.Admin;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Health;

namespace DataPlane.Hosting;

/// <summary>Upstreams as the admin listener shows them. Any thread.</summary>
internal static class UpstreamView
{
    public static AdminUpstream Of(Upstream upstream)
    {
        var set = upstream.Set;
        double total = Math.Max(1, set.Weights.Sum(weight => (double)weight));
        return new AdminUpstream(
            upstream.Name,
            set.IsPanic,
            [.. set.Members.Select((member, index) => Of(upstream, member, set.Weights[index] / total))]);
    }

    private static AdminEndpoint Of(Upstream upstream, EndpointMember member, double share)
    {
        var endpoint = member.Endpoint;
        var state = upstream.Health.StateNow(endpoint);
        bool isFit = upstream.Health.IsFit(endpoint);
        bool isAvoided = endpoint.IsAvoidedNow;
        return new AdminEndpoint
        {
            Url = endpoint.Url,
            Address = endpoint.Address.ToString(),
            Weight = member.Weight,
            Priority = member.Priority,
            Share = Math.Round(share, 4),
            Healthy = isFit && !isAvoided,
            State = isFit && isAvoided ? "avoided" : state.ToString().ToLowerInvariant(),
            Since = endpoint.Health.Since,
            Reason = isFit && isAvoided ? "it refused a connection a moment ago" : endpoint.Health.Reason,
            Connections = endpoint.Connections,
            Idle = endpoint.Idle,
            InFlight = endpoint.InFlight,
            Ejections = endpoint.Health.Ejections,
            EjectedForMs = state == EndpointState.Ejected ? upstream.Health.EjectedForMs(endpoint) : 0,
            CheckMs = Math.Round(endpoint.Health.CheckDuration.TotalMilliseconds, 3),
        };
    }
}
