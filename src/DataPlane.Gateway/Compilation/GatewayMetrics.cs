using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Transport.Admission;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// The gauges of rooms that know nothing of metrics: connections, upstreams, configuration. One scrape at a time; 0
/// bytes.
/// </summary>
public sealed class GatewayMetrics(
    SnapshotStore snapshots, ClientConnections connections, IReadOnlyList<Listener> listeners) : IMetricSource
{
    private static readonly byte[] s_active = MetricLabel.Render("state", "active");
    private static readonly byte[] s_idle = MetricLabel.Render("state", "idle");

    private static readonly byte[][] s_reasons = Array.ConvertAll(
        Enum.GetNames<RefusalReason>(), name => MetricLabel.Render("reason", name.ToLowerInvariant()));

    private readonly LabelCache _listener = new("listener");
    private readonly LabelCache _upstream = new("upstream");

    public void Write(PrometheusText text)
    {
        WriteConnections(text);
        WriteUpstreams(text);
    }

    private void WriteConnections(PrometheusText text)
    {
        text.Family("dataplane_connections"u8, MetricKind.Gauge, "Client connections by what they do."u8);
        foreach (var listener in listeners)
        {
            byte[] name = _listener.Of(listener.Name);
            var (open, active) = connections.CountOf(listener);
            text.Sample(active, name, s_active);
            text.Sample(Math.Max(0, open - active), name, s_idle);
        }
        var admission = connections.Admission;
        text.Family("dataplane_refused_connections"u8, MetricKind.Counter,
            "Connections closed as soon as they were accepted, by the limit that was reached."u8);
        for (int reason = 0; reason < s_reasons.Length; reason++)
            text.Sample(admission.Refused((RefusalReason)reason), s_reasons[reason]);
        text.Family("dataplane_client_addresses"u8, MetricKind.Gauge, "Client addresses with open connections."u8);
        text.Sample(admission.Addresses);
        text.Family("dataplane_accept_pauses"u8, MetricKind.Counter,
            "Times a listener stopped accepting for a moment."u8);
        text.Sample(admission.Pauses);
    }

    private void WriteUpstreams(PrometheusText text)
    {
        var upstreams = snapshots.Current.Upstreams;
        text.Family("dataplane_upstream_connections"u8, MetricKind.Gauge, "Connections to upstreams."u8);
        foreach (var upstream in upstreams)
        {
            byte[] name = _upstream.Of(upstream.Name);
            int idle = 0;
            int open = 0;
            for (int each = 0; each < upstream.Endpoints.Count; each++)
            {
                idle += upstream.Endpoints[each].Idle;
                open += upstream.Endpoints[each].Connections;
            }
            text.Sample(Math.Max(0, open - idle), name, s_active);
            text.Sample(idle, name, s_idle);
        }
    }
}
