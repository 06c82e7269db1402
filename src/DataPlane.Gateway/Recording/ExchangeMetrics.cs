using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording;

/// <summary>The metric families about exchanges: one shard per loop, summed when a page is written.</summary>
internal sealed class ExchangeMetrics : IMetricSource
{
    private static readonly byte[][] s_methods = RenderMethods();
    private static readonly byte[][] s_classes = RenderClasses();
    private static readonly byte[][] s_outcomes = RenderOutcomes("outcome");
    private static readonly byte[][] s_reasons = RenderOutcomes("reason");

    private readonly MetricsShard[] _shards;
    private readonly double _secondsPerTick;

    public ExchangeMetrics(int shards, TimeProvider time)
    {
        var bounds = LatencyBounds.InTicks(time.TimestampFrequency);
        _shards = new MetricsShard[shards];
        for (int each = 0; each < shards; each++) _shards[each] = new MetricsShard(bounds);
        _secondsPerTick = 1.0 / time.TimestampFrequency;
    }

    /// <summary>The thread of the sample's loop only.</summary>
    public void Record(in MetricSample sample) => _shards[sample.Shard].Record(sample);

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_http_requests"u8, MetricKind.Counter, "Requests by what became of them."u8);
        int listeners = Highest(shard => shard.Listeners.Count);
        for (int listener = 0; listener < listeners; listener++) WriteRequests(text, listener);
        text.Family("dataplane_http_request_duration_seconds"u8, MetricKind.Histogram,
            "From the first byte of a request to the last byte of its response."u8);
        WriteRoutes(text, row => row.Total);
        text.Family("dataplane_gateway_duration_seconds"u8, MetricKind.Histogram,
            "The part of a request's duration not spent waiting for the upstream."u8);
        WriteRoutes(text, row => row.Own);
        text.Family("dataplane_rejected_requests"u8, MetricKind.Counter,
            "Requests the gateway refused itself, by reason."u8);
        WriteRejections(text);
        WriteEndpoints(text);
    }

    /// <summary>Refused here: the request never reached an upstream, and not because the client left.</summary>
    internal static bool IsRejection(ExchangeOutcome outcome) => outcome switch
    {
        ExchangeOutcome.ClientAborted or ExchangeOutcome.ClientTooSlow => false,
        ExchangeOutcome.UpstreamOverloaded or ExchangeOutcome.CircuitOpen or ExchangeOutcome.Draining => true,
        _ => ErrorTable.Of(outcome).Side == FaultSide.Client,
    };

    private static byte[][] RenderMethods() =>
        [.. Enum.GetValues<RequestMethod>().Select(method => MetricLabel.Render(
            "method", method == RequestMethod.Other ? "_other" : method.ToString().ToUpperInvariant()))];

    private static byte[][] RenderClasses() =>
        [.. Enumerable.Range(0, RouteRow.ClassCount).Select(each => MetricLabel.Render(
            "status_class", each == 0 ? "_other" : $"{each}xx"))];

    private static byte[][] RenderOutcomes(string name) =>
        [.. Enum.GetValues<ExchangeOutcome>().Select(
            outcome => MetricLabel.Render(name, ErrorTable.Of(outcome).Label))];

    private static int RoutesOf(MetricsShard shard)
    {
        int routes = 0;
        for (int listener = 0; listener < shard.Listeners.Count; listener++)
        {
            routes = Math.Max(routes, shard.Listeners.Find(listener)?.Routes.Count ?? 0);
        }
        return routes;
    }

    private static RouteRow? RowOf(MetricsShard shard, int listener, int route) =>
        shard.Listeners.Find(listener)?.Routes.Find(route);

    private int Highest(Func<MetricsShard, int> count) => _shards.Max(count);

    private void WriteRequests(PrometheusText text, int listener)
    {
        byte[]? label = null;
        foreach (var shard in _shards) label ??= shard.Listeners.Find(listener)?.Label;
        if (label is null) return;
        int routes = Highest(RoutesOf);
        for (int route = 0; route < routes; route++)
        {
            byte[]? routeLabel = null;
            foreach (var shard in _shards) routeLabel ??= RowOf(shard, listener, route)?.Label;
            if (routeLabel is not null) WriteRequests(text, listener, route, label, routeLabel);
        }
    }

    private void WriteRequests(PrometheusText text, int listener, int route, byte[] label, byte[] routeLabel)
    {
        for (int cell = 0; cell < RouteRow.CellCount; cell++)
        {
            long sum = 0;
            foreach (var shard in _shards) sum += RowOf(shard, listener, route)?.Requests.Read(cell) ?? 0;
            // Only what happened is a series: all methods and classes of all routes would be a page of megabytes.
            if (sum == 0) continue;
            int method = Math.DivRem(cell, RouteRow.ClassCount, out int statusClass);
            text.Sample(sum, label, routeLabel, s_methods[method], s_classes[statusClass]);
        }
    }

    private void WriteRoutes(PrometheusText text, Func<RouteRow, LatencyHistogram> choose)
    {
        var merge = new HistogramMerge();
        int routes = Highest(RoutesOf);
        for (int route = 0; route < routes; route++)
        {
            merge.Clear();
            foreach (var shard in _shards)
            {
                for (int listener = 0; listener < shard.Listeners.Count; listener++)
                {
                    if (RowOf(shard, listener, route) is { } row) merge.Add(row.Label, choose(row));
                }
            }
            merge.Write(text, _secondsPerTick);
        }
    }

    private void WriteRejections(PrometheusText text)
    {
        foreach (var outcome in Enum.GetValues<ExchangeOutcome>())
        {
            // All of them from the start, so that a rate over the first one is not lost.
            if (IsRejection(outcome)) text.Sample(SumOf(outcome), s_reasons[(int)outcome]);
        }
    }

    private long SumOf(ExchangeOutcome outcome) => _shards.Sum(shard => shard.Outcomes.Read((int)outcome));

    private void WriteEndpoints(PrometheusText text)
    {
        text.Family("dataplane_upstream_requests"u8, MetricKind.Counter,
            "Exchanges by the endpoint asked last and how they ended."u8);
        var merges = new SortedDictionary<string, HistogramMerge>(StringComparer.Ordinal);
        for (int index = 0; index < Highest(shard => shard.Endpoints.Count); index++)
        {
            var rows = _shards.Select(shard => shard.Endpoints.Find(index)).OfType<EndpointRow>().ToArray();
            if (rows.Length == 0) continue;
            for (int outcome = 0; outcome < EndpointRow.OutcomeCount; outcome++)
            {
                long sum = rows.Sum(row => row.Outcomes.Read(outcome));
                if (sum != 0) text.Sample(sum, rows[0].UpstreamLabel, rows[0].EndpointLabel, s_outcomes[outcome]);
            }
            string name = Encoding.UTF8.GetString(rows[0].UpstreamLabel);
            if (!merges.TryGetValue(name, out var merge)) merges.Add(name, merge = new HistogramMerge());
            foreach (var row in rows) merge.Add(row.UpstreamLabel, row.Duration);
        }
        text.Family("dataplane_upstream_request_duration_seconds"u8, MetricKind.Histogram,
            "Waited for an upstream: connecting, first byte and body."u8);
        foreach (var merge in merges.Values) merge.Write(text, _secondsPerTick);
    }
}
