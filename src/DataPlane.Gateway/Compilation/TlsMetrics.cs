using System.Globalization;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Transport.Tls;

namespace DataPlane.Gateway.Compilation;

/// <summary>Handshakes with clients and upstreams, until when certificates are good. One scrape at a time.</summary>
public sealed class TlsMetrics(SnapshotStore snapshots, IReadOnlyList<Listener> listeners) : IMetricSource
{
    private static readonly byte[] s_tls12 = MetricLabel.Render("version", "TLSv1.2");
    private static readonly byte[] s_tls13 = MetricLabel.Render("version", "TLSv1.3");

    private static readonly (TlsFault Fault, byte[] Label)[] s_faults =
    [
        .. Enum.GetValues<TlsFault>().Where(fault => fault != TlsFault.None)
            .Select(fault => (fault, MetricLabel.Render("reason", TlsFaults.Label(fault)))),
    ];

    private readonly LabelCache _listeners = new("listener");
    private readonly LabelCache _upstreams = new("upstream");
    private readonly LabelCache _files = new("certificate");

    public void Write(PrometheusText text)
    {
        var snapshot = snapshots.Current;
        var all = Listeners(snapshot);
        var upstreams = snapshot.Upstreams.Where(each => each.Tls is not null)
            .Select(each => (Label: _upstreams.Of(each.Name), each.Tls!.Counters))
            .ToList();
        text.Family("dataplane_tls_handshakes"u8, MetricKind.Counter, "Handshakes with clients that succeeded."u8);
        foreach (var (label, tls) in all) WriteCompleted(text, label, tls.Counters);
        text.Family("dataplane_tls_handshake_failures"u8, MetricKind.Counter, "Handshakes with clients that failed."u8);
        foreach (var (label, tls) in all) WriteFailed(text, label, tls.Counters);
        text.Family(
            "dataplane_tls_certificate_not_after_timestamp_seconds"u8, MetricKind.Gauge,
            "Until when a certificate is good, in unix time."u8);
        foreach (var (label, tls) in all)
        {
            foreach (var file in tls.Certificates.GroupBy(each => each.Chain.File, StringComparer.Ordinal))
            {
                long notAfter = file.Min(each => new DateTimeOffset(each.Chain.Leaf.NotAfter).ToUnixTimeSeconds());
                text.Sample(notAfter, label, _files.Of(file.Key));
            }
        }
        text.Family(
            "dataplane_upstream_tls_handshakes"u8, MetricKind.Counter, "Handshakes with upstreams that succeeded."u8);
        foreach (var (label, counters) in upstreams) WriteCompleted(text, label, counters);
        text.Family(
            "dataplane_upstream_tls_handshake_failures"u8, MetricKind.Counter,
            "Handshakes with upstreams that failed."u8);
        foreach (var (label, counters) in upstreams) WriteFailed(text, label, counters);
    }

    private List<(byte[] Label, ListenerTls Tls)> Listeners(GatewaySnapshot snapshot)
    {
        var all = new List<(byte[], ListenerTls)>();
        foreach (var listener in listeners)
        {
            if (snapshot.ListenerTls.TryGetValue(listener.Name, out var tls))
                all.Add((_listeners.Of(listener.Name), tls));
        }
        return all;
    }

    private static void WriteCompleted(PrometheusText text, byte[] label, TlsCounters counters)
    {
        text.Sample(counters.Tls12, label, s_tls12);
        text.Sample(counters.Tls13, label, s_tls13);
    }

    private static void WriteFailed(PrometheusText text, byte[] label, TlsCounters counters)
    {
        foreach (var (fault, reason) in s_faults) text.Sample(counters.FailedBy(fault), label, reason);
    }
}
