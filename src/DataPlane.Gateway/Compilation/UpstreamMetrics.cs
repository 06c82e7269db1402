using System.Runtime.CompilerServices;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Gateway.Upstreams.Http2;

namespace DataPlane.Gateway.Compilation;

/// <summary>How the upstreams' endpoints are: fitness, ejections, checks. One scrape at a time.</summary>
public sealed class UpstreamMetrics(SnapshotStore snapshots) : IMetricSource
{
    private static readonly byte[][] s_causes = Labels<EjectionCause>("cause");
    private static readonly byte[][] s_results = Labels<CheckResult>("result");
    private static readonly byte[][] s_floods = Labels<UpstreamFlood>("kind");

    /// <summary>Labels live as long as what they name: a scrape copies bytes.</summary>
    private readonly ConditionalWeakTable<UpstreamEndpoint, byte[]> _labels = [];
    private readonly ConditionalWeakTable<EndpointSet, UpstreamEndpoint[][]> _groups = [];
    private readonly LabelCache _upstream = new("upstream");

    public void Write(PrometheusText text)
    {
        var upstreams = snapshots.Current.Upstreams;
        text.Family("dataplane_upstream_endpoint_healthy"u8, MetricKind.Gauge,
            "0 while an endpoint is ejected, fails its checks or has just refused a connection; a name, all of its."u8);
        foreach (var upstream in upstreams)
        {
            foreach (var same in Configured(upstream))
            {
                text.Sample(IsAnyFit(upstream, same) ? 1 : 0, LabelsOf(same[0]));
            }
        }
        text.Family("dataplane_upstream_panic"u8, MetricKind.Gauge,
            "1 while so few endpoints are healthy that health is ignored."u8);
        foreach (var upstream in upstreams)
        {
            text.Sample(upstream.Set.IsPanic ? 1 : 0, _upstream.Of(upstream.Name));
        }
        WriteEjections(text);
        WriteChecks(text);
        WriteFloods(text);
    }

    private void WriteEjections(PrometheusText text)
    {
        text.Family("dataplane_upstream_ejections"u8, MetricKind.Counter,
            "Times an endpoint was left out because of failed exchanges."u8);
        foreach (var upstream in snapshots.Current.Upstreams)
        {
            if (!upstream.Health.IsPassive) continue;
            foreach (var same in Configured(upstream))
            {
                for (int cause = 0; cause < s_causes.Length; cause++)
                {
                    long ejections = 0;
                    foreach (var each in same) ejections += each.Health.EjectionsBy((EjectionCause)cause);
                    text.Sample(ejections, LabelsOf(same[0]), s_causes[cause]);
                }
            }
        }
    }

    private void WriteChecks(PrometheusText text)
    {
        text.Family("dataplane_upstream_health_checks"u8, MetricKind.Counter, "Active health checks by result."u8);
        foreach (var upstream in snapshots.Current.Upstreams)
        {
            if (!upstream.Health.IsActive) continue;
            foreach (var same in Configured(upstream))
            {
                for (int result = 0; result < s_results.Length; result++)
                {
                    long checks = 0;
                    foreach (var each in same) checks += each.Health.ChecksWith((CheckResult)result);
                    text.Sample(checks, LabelsOf(same[0]), s_results[result]);
                }
            }
        }
        text.Family("dataplane_upstream_health_check_duration_seconds"u8, MetricKind.Gauge,
            "Time the last active health check took."u8);
        foreach (var upstream in snapshots.Current.Upstreams)
        {
            if (!upstream.Health.IsActive) continue;
            foreach (var same in Configured(upstream))
            {
                double longest = 0;
                foreach (var each in same) longest = Math.Max(longest, each.Health.CheckDuration.TotalSeconds);
                text.Sample(longest, LabelsOf(same[0]));
            }
        }
    }

    private void WriteFloods(PrometheusText text)
    {
        text.Family("dataplane_upstream_http2_floods"u8, MetricKind.Counter,
            "HTTP/2 connections to an endpoint that were ended because it flooded them."u8);
        foreach (var upstream in snapshots.Current.Upstreams)
        {
            if (upstream.Settings.Http2 is null) continue;
            foreach (var same in Configured(upstream))
            {
                for (int kind = 0; kind < s_floods.Length; kind++)
                {
                    long floods = 0;
                    foreach (var each in same) floods += each.Floods.Of((UpstreamFlood)kind);
                    text.Sample(floods, LabelsOf(same[0]), s_floods[kind]);
                }
            }
        }
    }

    private static bool IsAnyFit(Upstream upstream, UpstreamEndpoint[] endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (upstream.Health.IsFit(endpoint) && !endpoint.IsAvoidedNow) return true;
        }
        return false;
    }

    /// <summary>A name's addresses are one series: they come and go, and labels are the configuration's.</summary>
    private UpstreamEndpoint[][] Configured(Upstream upstream) => _groups.GetValue(upstream.Set, static set =>
        [.. set.Endpoints.GroupBy(each => each.StateIndex).Select(group => group.ToArray())]);

    private byte[] LabelsOf(UpstreamEndpoint endpoint) => _labels.GetValue(endpoint, static each =>
    [
        .. MetricLabel.Render("upstream", each.UpstreamNameUtf8),
        (byte)',',
        .. MetricLabel.Render("endpoint", each.AddressUtf8),
    ]);

    /// <summary>Members in their order, as label values in snake case.</summary>
    private static byte[][] Labels<T>(string label)
        where T : struct, Enum =>
        [.. Enum.GetNames<T>().Select(name => MetricLabel.Render(label, SnakeCase(name)))];

    private static string SnakeCase(string name) => string.Concat(name.Select((c, index) =>
        char.IsUpper(c) ? (index == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
