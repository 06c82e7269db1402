using System.Collections.Immutable;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Retries;

namespace DataPlane.Gateway.Compilation;

/// <summary>Retries, queues, bounds and circuit breakers of the upstreams in force. One scrape at a time.</summary>
public sealed class ProtectionMetrics(SnapshotStore snapshots) : IMetricSource
{
    private static readonly byte[][] s_reasons =
    [
        MetricLabel.Render("reason", "connect_failure"), MetricLabel.Render("reason", "reset"),
        MetricLabel.Render("reason", "timeout"), MetricLabel.Render("reason", "status"),
    ];

    private static readonly byte[][] s_states =
    [
        MetricLabel.Render("state", "closed"), MetricLabel.Render("state", "open"),
        MetricLabel.Render("state", "half_open"),
    ];

    private readonly LabelCache _upstream = new("upstream");

    public void Write(PrometheusText text)
    {
        var upstreams = snapshots.Current.Upstreams;
        WriteRetries(text, upstreams);
        WriteQueues(text, upstreams);
        WriteGates(text, upstreams);
    }

    private void WriteRetries(PrometheusText text, ImmutableArray<Upstream> upstreams)
    {
        text.Family("dataplane_upstream_retries"u8, MetricKind.Counter, "Tries after the first, by what failed."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Retries is not { } retries) continue;
            for (int reason = 0; reason < s_reasons.Length; reason++)
                text.Sample(retries.Made((RetryReason)reason), NameOf(upstream), s_reasons[reason]);
        }
        text.Family("dataplane_upstream_retries_over_budget"u8, MetricKind.Counter,
            "Retries that were not made because the retry budget was spent."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Retries is { } retries) text.Sample(retries.OverBudget, NameOf(upstream));
        }
    }

    private void WriteQueues(PrometheusText text, ImmutableArray<Upstream> upstreams)
    {
        text.Family("dataplane_upstream_connections_limit"u8, MetricKind.Gauge,
            "Connections that all endpoints together may have open."u8);
        foreach (var upstream in upstreams)
            text.Sample((long)upstream.Settings.MaxConnections * upstream.Endpoints.Count, NameOf(upstream));
        text.Family("dataplane_upstream_pending_requests"u8, MetricKind.Gauge,
            "Requests that wait for a connection now."u8);
        foreach (var upstream in upstreams) text.Sample(upstream.Pending?.Waiting ?? 0, NameOf(upstream));
        text.Family("dataplane_upstream_pending_limit"u8, MetricKind.Gauge, "Requests that may wait at once."u8);
        foreach (var upstream in upstreams) text.Sample(upstream.Settings.MaxPending, NameOf(upstream));
        text.Family("dataplane_upstream_queued_requests"u8, MetricKind.Counter,
            "Requests that had to wait for a connection."u8);
        foreach (var upstream in upstreams) text.Sample(upstream.Pending?.Total ?? 0, NameOf(upstream));
        text.Family("dataplane_upstream_queue_overflows"u8, MetricKind.Counter,
            "Requests refused because too many waited."u8);
        foreach (var upstream in upstreams) text.Sample(upstream.Pending?.Overflowed ?? 0, NameOf(upstream));
        text.Family("dataplane_upstream_queue_timeouts"u8, MetricKind.Counter,
            "Requests refused because their turn did not come in time."u8);
        foreach (var upstream in upstreams) text.Sample(upstream.Pending?.TimedOut ?? 0, NameOf(upstream));
    }

    private void WriteGates(PrometheusText text, ImmutableArray<Upstream> upstreams)
    {
        text.Family("dataplane_upstream_active_requests"u8, MetricKind.Gauge,
            "Requests under way, of upstreams with maxRequests or a circuit breaker."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate is { } gate) text.Sample(gate.UnderWay, NameOf(upstream));
        }
        text.Family("dataplane_upstream_refused_requests"u8, MetricKind.Counter,
            "Requests refused by maxRequests or an open circuit."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate is { } gate) text.Sample(gate.Refused, NameOf(upstream));
        }
        text.Family("dataplane_upstream_circuit_state"u8, MetricKind.Gauge,
            "1 for the state the circuit breaker is in."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate?.Breaker is not { } breaker) continue;
            for (int state = 0; state < s_states.Length; state++)
                text.Sample(breaker.State == (BreakerState)state ? 1 : 0, NameOf(upstream), s_states[state]);
        }
        text.Family("dataplane_upstream_circuit_opened"u8, MetricKind.Counter, "Times the circuit has opened."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate?.Breaker is { } breaker) text.Sample(breaker.Opened, NameOf(upstream));
        }
    }

    private byte[] NameOf(Upstream upstream) => _upstream.Of(upstream.Name);
}
