using System.Runtime.CompilerServices;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Health;

namespace DataPlane.Gateway.Compilation;

/// <summary>How the upstreams' endpoints are: fitness, ejections, checks. Any thread.</summary>
public sealed class UpstreamMetrics(SnapshotStore snapshots) : IMetricSource
{
    private static readonly byte[][] s_causes = Labels<EjectionCause>("cause");
    private static readonly byte[][] s_results = Labels<CheckResult>("result");

    /// <summary>Labels live as long as what they name: a scrape copies bytes.</summary>
    private readonly ConditionalWeakTable<UpstreamEndpoint, byte[]> _labels = [];

    public void Write(PrometheusText text)
    {
        var upstreams = snapshots.Current.Upstreams;
        text.Family("dataplane_upstream_endpoint_healthy"u8, MetricKind.Gauge,
            "0 while an endpoint is ejected, fails its checks or has just refused a connection; a name, all of its."u8);
        foreach (var upstream in upstreams)
        {
            foreach (var same in Configured(upstream))
            {
                bool isFit = same.Any(each => upstream.Health.IsFit(each) && !each.IsAvoidedNow);
                text.Sample(isFit ? 1 : 0, LabelsOf(same.First()));
            }
        }
        text.Family("dataplane_upstream_panic"u8, MetricKind.Gauge,
            "1 while so few endpoints are healthy that health is ignored."u8);
        foreach (var upstream in upstreams)
        {
            text.Sample(upstream.Set.IsPanic ? 1 : 0, MetricLabel.Render("upstream", upstream.Name));
        }
        WriteEjections(text);
        WriteChecks(text);
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
                    long ejections = same.Sum(each => each.Health.EjectionsBy((EjectionCause)cause));
                    text.Sample(ejections, LabelsOf(same.First()), s_causes[cause]);
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
                    long checks = same.Sum(each => each.Health.ChecksWith((CheckResult)result));
                    text.Sample(checks, LabelsOf(same.First()), s_results[result]);
                }
            }
        }
        text.Family("dataplane_upstream_health_check_duration_seconds"u8, MetricKind.Gauge,
            "Time the last active health check took."u8);
        foreach (var upstream in snapshots.Current.Upstreams)
        {
            if (!upstream.Health.IsActive) continue;
            foreach (var same in Configured(upstream))
                text.Sample(same.Max(each => each.Health.CheckDuration.TotalSeconds), LabelsOf(same.First()));
        }
    }

    /// <summary>A name's addresses are one series: they come and go, and labels are the configuration's.</summary>
    private static IEnumerable<IGrouping<int, UpstreamEndpoint>> Configured(Upstream upstream) =>
        upstream.Endpoints.GroupBy(each => each.StateIndex);

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
