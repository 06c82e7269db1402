using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Transport.Admission;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// The gauges of other products' names, for <c>metrics.compatibility</c>: connections, upstreams, configuration. One
/// scrape at a time.
/// </summary>
public sealed class CompatibleGauges(
    Func<ImmutableArray<MetricNames>> products,
    SnapshotStore snapshots,
    ClientConnections connections,
    IReadOnlyList<Listener> listeners) : IMetricSource
{
    private static readonly byte[] s_http = MetricLabel.Render("protocol", "http");
    private static readonly byte[] s_subsystem = MetricLabel.Render("subsystem", "http");
    private static readonly byte[] s_scheme = MetricLabel.Render("url_scheme", "http");
    private static readonly byte[] s_address = MetricLabel.Render("address", "");
    private static readonly string[] s_health = ["healthy", "unhealthy", "dns_error", "healthchecks_off"];
    private static readonly string[] s_states =
        ["accepted", "handled", "total", "active", "reading", "writing", "waiting"];

    private readonly LabelCache _entrypoint = new("entrypoint");
    private readonly LabelCache _service = new("service");
    private readonly LabelCache _url = new("url");
    private readonly LabelCache _upstream = new("upstream");
    private readonly LabelCache _target = new("target");
    private readonly LabelCache _state = new("state");

    public void Write(PrometheusText text)
    {
        foreach (var product in products())
        {
            if (product == MetricNames.OpenTelemetry) WriteOpenTelemetry(text);
            else if (product == MetricNames.Traefik) WriteTraefik(text);
            else if (product == MetricNames.Nginx) WriteNginx(text);
            else WriteKong(text);
        }
    }

    /// <summary>Every state is a series; the one that holds is 1.</summary>
    private void WriteHealth(PrometheusText text, byte[] upstream, byte[] target, bool isHealthy)
    {
        foreach (string state in s_health)
        {
            bool holds = state == (isHealthy ? "healthy" : "unhealthy");
            text.Sample(holds ? 1 : 0, upstream, target, s_address, _state.Of(state));
        }
    }

    private (int Open, int Active) Count()
    {
        var (open, active) = (0, 0);
        foreach (var listener in listeners)
        {
            var of = connections.CountOf(listener);
            (open, active) = (open + of.Open, active + of.Active);
        }
        return (open, active);
    }

    private long Refused()
    {
        long refused = 0;
        foreach (var reason in Enum.GetValues<RefusalReason>()) refused += connections.Admission.Refused(reason);
        return refused;
    }

    /// <summary>The exporter's counts of connections have no _total at their ends: counters without the type.</summary>
    private void WriteNginx(PrometheusText text)
    {
        var (open, active) = Count();
        text.Family("nginx_up"u8, MetricKind.Gauge, "Always 1."u8);
        text.Sample(1);
        text.Family("nginx_connections_accepted"u8, MetricKind.Unknown, "Client connections accepted."u8);
        text.Sample(connections.Served + Refused());
        text.Family("nginx_connections_handled"u8, MetricKind.Unknown, "Those of them that were served."u8);
        text.Sample(connections.Served);
        text.Family("nginx_connections_active"u8, MetricKind.Gauge, "Open client connections."u8);
        text.Sample(open);
        text.Family("nginx_connections_reading"u8, MetricKind.Gauge, "Counted as waiting here."u8);
        text.Sample(0);
        text.Family("nginx_connections_writing"u8, MetricKind.Gauge, "Connections with requests under way."u8);
        text.Sample(active);
        text.Family("nginx_connections_waiting"u8, MetricKind.Gauge, "Connections without."u8);
        text.Sample(Math.Max(0, open - active));
    }

    private void WriteOpenTelemetry(PrometheusText text)
    {
        var (open, active) = Count();
        text.Family("http_server_active_requests"u8, MetricKind.Gauge, "Requests under way."u8);
        text.Sample(active, s_scheme);
        text.Family("kestrel_active_connections"u8, MetricKind.Gauge, "Open client connections."u8);
        text.Sample(open);
    }

    private void WriteTraefik(PrometheusText text)
    {
        text.Family("traefik_config_reloads"u8, MetricKind.Counter, "Configurations applied."u8);
        text.Sample(snapshots.Current.Generation);
        text.Family("traefik_open_connections"u8, MetricKind.Gauge, "Open client connections."u8);
        foreach (var listener in listeners)
            text.Sample(connections.CountOf(listener).Open, _entrypoint.Of(listener.Name), s_http);
        text.Family("traefik_service_server_up"u8, MetricKind.Gauge, "1 while an endpoint is healthy."u8);
        foreach (var upstream in snapshots.Current.Upstreams)
        {
            foreach (var endpoint in upstream.Endpoints)
                text.Sample(endpoint.IsAvoidedNow ? 0 : 1, _service.Of(upstream.Name), _url.Of(endpoint.AddressUrl));
        }
    }

    private void WriteKong(PrometheusText text)
    {
        var (open, active) = Count();
        long refused = Refused();
        text.Family("kong_nginx_connections"u8, MetricKind.Counter, "Client connections by state."u8);
        foreach (string state in s_states)
        {
            long count = state switch
            {
                "accepted" => connections.Served + refused,
                "handled" or "total" => connections.Served,
                "active" => open,
                "writing" => active,
                "waiting" => open - active,
                _ => 0,
            };
            text.Sample(Math.Max(0, count), _state.Of(state), s_subsystem);
        }
        text.Family("kong_upstream_target_health"u8, MetricKind.Gauge, "1 for the state an endpoint is in."u8);
        foreach (var upstream in snapshots.Current.Upstreams)
        {
            foreach (var endpoint in upstream.Endpoints)
            {
                WriteHealth(text, _upstream.Of(upstream.Name), _target.Of(endpoint.AddressUrl), !endpoint.IsAvoidedNow);
            }
        }
    }
}
