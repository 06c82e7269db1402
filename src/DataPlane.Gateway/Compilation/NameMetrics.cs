using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Upstreams.Names;

namespace DataPlane.Gateway.Compilation;

/// <summary>Names of endpoints and how their look-ups went. One scrape at a time.</summary>
public sealed class NameMetrics(NameTable names) : IMetricSource
{
    private static readonly byte[] s_answered = MetricLabel.Render("result", "answered");
    private static readonly byte[] s_failed = MetricLabel.Render("result", "failed");

    private readonly LabelCache _names = new("name");
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    public void Write(PrometheusText text)
    {
        var watches = names.Watches;
        text.Family("dataplane_dns_lookups"u8, MetricKind.Counter, "Look-ups of endpoints' names."u8);
        _written.Clear();
        foreach (var watch in watches)
        {
            // A name that is asked for in two ways during a reload must not be two series.
            if (!_written.Add(watch.Question.Name)) continue;
            var (all, failed) = watch.LookUps;
            byte[] name = _names.Of(watch.Question.Name);
            text.Sample(all - failed, name, s_answered);
            text.Sample(failed, name, s_failed);
        }
        text.Family("dataplane_dns_addresses"u8, MetricKind.Gauge, "Addresses a name stands for now."u8);
        _written.Clear();
        foreach (var watch in watches)
        {
            if (_written.Add(watch.Question.Name))
                text.Sample(watch.Answer?.Addresses.Length ?? 0, _names.Of(watch.Question.Name));
        }
    }
}
