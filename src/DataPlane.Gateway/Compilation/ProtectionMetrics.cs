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

    private readonly LabelCache _names = new("upstream");

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
                text.Sample(retries.Made((RetryReason)reason), _names.Of(upstream.Name), s_reasons[reason]);
        }
        text.Family("dataplane_upstream_retries_over_budget"u8, MetricKind.Counter,
            "Retries that were not made because the retry budget was spent."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Retries is { } retries) text.Sample(retries.OverBudget, _names.Of(upstream.Name));
        }
    }

    private void WriteQueues(PrometheusText text, ImmutableArray<Upstream> upstreams)
    {
        text.Family("dataplane_upstream_connections_limit"u8, MetricKind.Gauge,
            "Connections that all endpoints together may have open."u8);
        foreach (var each in upstreams)
            text.Sample((long)each.Settings.MaxConnections * each.Endpoints.Count, _names.Of(each.Name));
        text.Family("dataplane_upstream_pending_requests"u8, MetricKind.Gauge,
            "Requests that wait for a connection now."u8);
        foreach (var each in upstreams) text.Sample(each.Pending?.Waiting ?? 0, _names.Of(each.Name));
        text.Family("dataplane_upstream_pending_limit"u8, MetricKind.Gauge, "Requests that may wait at once."u8);
        foreach (var each in upstreams) text.Sample(each.Settings.MaxPending, _names.Of(each.Name));
        text.Family("dataplane_upstream_queued_requests"u8, MetricKind.Counter,
            "Requests that had to wait for a connection."u8);
        foreach (var each in upstreams) text.Sample(each.Pending?.Total ?? 0, _names.Of(each.Name));
        text.Family("dataplane_upstream_queue_overflows"u8, MetricKind.Counter,
            "Requests refused because too many waited."u8);
        foreach (var each in upstreams) text.Sample(each.Pending?.Overflowed ?? 0, _names.Of(each.Name));
        text.Family("dataplane_upstream_queue_timeouts"u8, MetricKind.Counter,
            "Requests refused because their turn did not come in time."u8);
        foreach (var each in upstreams) text.Sample(each.Pending?.TimedOut ?? 0, _names.Of(each.Name));
    }

    private void WriteGates(PrometheusText text, ImmutableArray<Upstream> upstreams)
    {
        text.Family("dataplane_upstream_active_requests"u8, MetricKind.Gauge,
            "Requests under way, of upstreams with maxRequests or a circuit breaker."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate is { } gate) text.Sample(gate.UnderWay, _names.Of(upstream.Name));
        }
        text.Family("dataplane_upstream_refused_requests"u8, MetricKind.Counter,
            "Requests refused by maxRequests or an open circuit."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate is { } gate) text.Sample(gate.Refused, _names.Of(upstream.Name));
        }
        text.Family("dataplane_upstream_circuit_state"u8, MetricKind.Gauge,
            "1 for the state the circuit breaker is in."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate?.Breaker is not { } breaker) continue;
            var now = breaker.State;
            for (int state = 0; state < s_states.Length; state++)
                text.Sample(now == (BreakerState)state ? 1 : 0, _names.Of(upstream.Name), s_states[state]);
        }
        text.Family("dataplane_upstream_circuit_opened"u8, MetricKind.Counter, "Times the circuit has opened."u8);
        foreach (var upstream in upstreams)
        {
            if (upstream.Gate?.Breaker is { } breaker) text.Sample(breaker.Opened, _names.Of(upstream.Name));
        }
    }
}
