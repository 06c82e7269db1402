using System.Runtime.CompilerServices;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;

namespace DataPlane.Gateway.Recording;

/// <summary>The metric families about exchanges: one shard per loop, summed when a page is written.</summary>
internal sealed class ExchangeMetrics : IMetricSource
{
    /// <summary>A cell for each status of gRPC, and one for all other numbers.</summary>
    internal const int GrpcCells = GrpcStatuses.Count + 1;

    private static readonly byte[][] s_reasons = RenderOutcomes("reason");
    private static readonly byte[][] s_grpcStatuses = [.. Enumerable.Range(0, GrpcCells).Select(
        each => MetricLabel.Render("grpc_status", each == GrpcStatuses.Count ? "_other" : $"{each}"))];

    private readonly MetricsShard[] _shards;
    private readonly RouteFamilies _routes;
    private readonly EndpointFamilies _endpoints;
    private readonly ISeriesScope? _scope;
    private readonly TimeProvider _time;
    private long _expireAfterTicks;

    public ExchangeMetrics(
        int shards, TimeProvider time, MetricsSettings? settings = null, ISeriesScope? scope = null)
    {
        settings ??= new MetricsSettings();
        var bounds = new HistogramBounds([.. settings.Buckets], time.TimestampFrequency);
        long exemplarPeriodTicks = TicksOf(RecordingLimits.ExemplarPeriod, time);
        _shards = new MetricsShard[shards];
        for (int each = 0; each < shards; each++) _shards[each] = new MetricsShard(bounds, exemplarPeriodTicks);
        _routes = new RouteFamilies(_shards, bounds, settings.SeriesLimit, time);
        _endpoints = new EndpointFamilies(_shards, bounds, settings.SeriesLimit, time);
        _scope = scope;
        _time = time;
        _expireAfterTicks = TicksOf(settings.ExpireAfter, time);
    }

    /// <summary>The limits of another configuration; its buckets are left as they are. Any thread.</summary>
    public void Follow(MetricsSettings settings)
    {
        _routes.SetLimit(settings.SeriesLimit);
        _endpoints.SetLimit(settings.SeriesLimit);
        Volatile.Write(ref _expireAfterTicks, TicksOf(settings.ExpireAfter, _time));
    }

    /// <summary>The thread of the sample's loop only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(in MetricSample sample) => _shards[sample.Shard].Record(sample);

    public void Write(PrometheusText text)
    {
        long now = _time.GetTimestamp();
        _scope?.Refresh();
        long expireAfterTicks = Volatile.Read(ref _expireAfterTicks);
        _routes.Look(_scope, now, expireAfterTicks);
        _endpoints.Look(_scope, now, expireAfterTicks);
        _routes.Write(text);
        text.Family("dataplane_rejected_requests"u8, MetricKind.Counter,
            "Requests the gateway refused itself, by reason."u8);
        WriteRejections(text);
        text.Family("dataplane_grpc_calls"u8, MetricKind.Counter, "gRPC calls by the status they ended with."u8);
        WriteGrpcCalls(text);
        _endpoints.Write(text);
        text.Family("dataplane_metric_series_folded"u8, MetricKind.Counter,
            "Series that went into _other because their metric was full."u8);
        _routes.WriteFolded(text);
        _endpoints.WriteFolded(text);
    }

    /// <summary>Refused here: the request never reached an upstream, and not because the client left.</summary>
    internal static bool IsRejection(ExchangeOutcome outcome) => outcome switch
    {
        ExchangeOutcome.ClientAborted or ExchangeOutcome.ClientTooSlow or ExchangeOutcome.DeadlineExceeded
            or ExchangeOutcome.TunnelBadFrame => false,
        ExchangeOutcome.UpstreamOverloaded or ExchangeOutcome.CircuitOpen or ExchangeOutcome.Draining
            or ExchangeOutcome.TooManyTunnels => true,
        _ => ErrorTable.Of(outcome).Side == FaultSide.Client,
    };

    internal static byte[][] RenderOutcomes(string name) =>
        [.. Enum.GetValues<ExchangeOutcome>().Select(
            outcome => MetricLabel.Render(name, ErrorTable.Of(outcome).Label))];

    private static long TicksOf(TimeSpan span, TimeProvider time) =>
        (long)(span.TotalSeconds * time.TimestampFrequency);

    private void WriteGrpcCalls(PrometheusText text)
    {
        for (int status = 0; status < GrpcCells; status++)
        {
            long sum = 0;
            foreach (var shard in _shards) sum += shard.GrpcStatuses.Read(status);
            // A gateway without gRPC has no use for its statuses.
            if (sum > 0) text.Sample(sum, s_grpcStatuses[status]);
        }
    }

    private void WriteRejections(PrometheusText text)
    {
        for (int outcome = 0; outcome < s_reasons.Length; outcome++)
        {
            // All of them from the start, so that a rate over the first one is not lost.
            if (!IsRejection((ExchangeOutcome)outcome)) continue;
            long sum = 0;
            foreach (var shard in _shards) sum += shard.Outcomes.Read(outcome);
            text.Sample(sum, s_reasons[outcome]);
        }
    }
}
