using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>What memory is used for, in objects, and how short it is. One scrape at a time; 0 bytes.</summary>
public sealed class MemoryMetrics(
    MemoryWatch watch, ClientConnections connections, SnapshotStore snapshots, LoopSet loops) : IMetricSource
{
    private static readonly byte[] s_clients = MetricLabel.Render("kind", "client_connection");
    private static readonly byte[] s_upstreams = MetricLabel.Render("kind", "upstream_connection");
    private static readonly byte[] s_exchanges = MetricLabel.Render("kind", "exchange");
    private static readonly byte[] s_slabs = MetricLabel.Render("kind", "slab");

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_memory_objects"u8, MetricKind.Gauge, "What connections and requests hold now."u8);
        text.Sample(connections.Open, s_clients);
        text.Sample(connections.Active, s_exchanges);
        text.Sample(UpstreamConnections(), s_upstreams);
        int slabs = 0;
        for (int each = 0; each < loops.Count; each++) slabs += loops[each].Slabs.Outstanding;
        text.Sample(slabs, s_slabs);
        text.Family("dataplane_memory_limit_bytes"u8, MetricKind.Gauge, "limits.memory, or what it stands for."u8);
        text.Sample(watch.Limit);
        text.Family("dataplane_memory_level"u8, MetricKind.Gauge,
            "0 normal, 1 idle connections are closed, 2 nothing new is taken."u8);
        text.Sample((int)watch.Level);
        text.Family("dataplane_memory_shed_connections"u8, MetricKind.Counter,
            "Idle connections closed for want of memory."u8);
        text.Sample(connections.Shed);
    }

    private int UpstreamConnections()
    {
        int open = 0;
        var upstreams = snapshots.Current.Upstreams;
        for (int each = 0; each < upstreams.Length; each++)
        {
            var endpoints = upstreams[each].Endpoints;
            for (int endpoint = 0; endpoint < endpoints.Count; endpoint++) open += endpoints[endpoint].Connections;
        }
        return open;
    }
}
