using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>What has left HTTP, by route. One scrape at a time; 0 bytes but for the list of routes.</summary>
public sealed class TunnelMetrics(TunnelRegistry registry) : IMetricSource
{
    private static readonly byte[] s_received = MetricLabel.Render("direction", "received");
    private static readonly byte[] s_sent = MetricLabel.Render("direction", "sent");
    private static readonly byte[][] s_ends =
        [.. Enum.GetNames<TunnelEnd>().Select(name => MetricLabel.Render("reason", SnakeCase(name)))];

    private readonly LabelCache _route = new("route");

    public void Write(PrometheusText text)
    {
        var routes = registry.Routes;
        text.Family("dataplane_tunnels"u8, MetricKind.Gauge, "Open tunnels, and handshakes under way."u8);
        foreach (var route in routes) text.Sample(route.Open, _route.Of(route.Route));
        text.Family("dataplane_tunnels_ended"u8, MetricKind.Counter, "Tunnels that have ended, by reason."u8);
        foreach (var route in routes) WriteEnds(text, route);
        text.Family("dataplane_tunnel_bytes"u8, MetricKind.Counter,
            "Bytes received from clients and sent to them through tunnels."u8);
        foreach (var route in routes)
        {
            text.Sample(route.BytesReceived, _route.Of(route.Route), s_received);
            text.Sample(route.BytesSent, _route.Of(route.Route), s_sent);
        }
        text.Family("dataplane_tunnels_refused"u8, MetricKind.Counter,
            "Tunnels not begun because the route had as many as it may."u8);
        foreach (var route in routes) text.Sample(route.Refused, _route.Of(route.Route));
    }

    private void WriteEnds(PrometheusText text, TunnelCounts route)
    {
        // The first is for those that have not ended.
        for (int end = 1; end < s_ends.Length; end++)
        {
            long count = route.EndedBy((TunnelEnd)end);
            if (count > 0) text.Sample(count, _route.Of(route.Route), s_ends[end]);
        }
    }

    private static string SnakeCase(string name) => string.Concat(name.Select((c, index) =>
        char.IsUpper(c) ? (index == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
