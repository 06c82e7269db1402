using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Upstreams.Names;

namespace DataPlane.Gateway.Compilation;

/// <summary>Names of endpoints and how their look-ups went. Any thread.</summary>
public sealed class NameMetrics(NameTable names) : IMetricSource
{
    private static readonly byte[] s_answered = MetricLabel.Render("result", "answered");
    private static readonly byte[] s_failed = MetricLabel.Render("result", "failed");

    public void Write(PrometheusText text)
    {
        // A name that is asked for in two ways during a reload must not be two series.
        var rows = names.Watches.GroupBy(each => each.Question.Name, StringComparer.Ordinal)
            .Select(each => (Name: MetricLabel.Render("name", each.Key), Watches: each.ToArray())).ToArray();
        text.Family("dataplane_dns_lookups"u8, MetricKind.Counter, "Look-ups of endpoints' names."u8);
        foreach (var (name, watches) in rows)
        {
            long failed = watches.Sum(each => each.LookUps.Failed);
            text.Sample(watches.Sum(each => each.LookUps.All) - failed, name, s_answered);
            text.Sample(failed, name, s_failed);
        }
        text.Family("dataplane_dns_addresses"u8, MetricKind.Gauge, "Addresses a name stands for now."u8);
        foreach (var (name, watches) in rows)
            text.Sample(watches.Max(each => each.Answer?.Addresses.Length ?? 0), name);
    }
}
