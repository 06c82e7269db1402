using System.Runtime.CompilerServices;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Everything one loop counts about exchanges. Only that loop's thread records; any thread reads. 0 bytes per record,
/// except the first of a series, which makes its row: series are learned from traffic, so a reload needs no step here
/// and a route nobody asks for costs nothing.
/// </summary>
internal sealed class MetricsShard(HistogramBounds bounds, long exemplarPeriodTicks)
{
    public ShardRows<ListenerRow> Listeners { get; } = new();

    public ShardRows<EndpointRow> Endpoints { get; } = new();

    public CounterBlock Outcomes { get; } = new(EndpointRow.OutcomeCount);

    /// <summary>gRPC calls by status, and the last one for numbers that gRPC has not.</summary>
    public CounterBlock GrpcStatuses { get; } = new(ExchangeMetrics.GrpcCells);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(in MetricSample sample)
    {
        Outcomes.Add((int)sample.Outcome, 1);
        if (sample.GrpcStatus is { } grpc) GrpcStatuses.Add(Math.Min(grpc, ExchangeMetrics.GrpcCells - 1), 1);
        var listener = Listeners.Find(sample.ListenerIndex) ?? AddListener(sample.ListenerIndex, sample.ListenerName);
        var route = listener.Routes.Find(sample.RouteIndex + 1)
            ?? AddRoute(listener, sample.RouteIndex, sample.RouteId);
        // A client that left before a status was sent still has a class, as nginx's 499 gives it one.
        int status = sample.StatusCode != 0 ? sample.StatusCode : ErrorTable.Of(sample.Outcome).StatusCode;
        route.Requests.Add(RouteRow.CellOf(sample.Method, status), 1);
        int bucket = route.Total.Record(sample.TotalTicks);
        if (!sample.TraceId.IsEmpty)
        {
            route.OwnExemplars().Offer(
                bucket, sample.TraceId, sample.TotalTicks, sample.EndTimestamp, exemplarPeriodTicks);
        }
        route.Own.Record(Math.Max(0, sample.TotalTicks - sample.UpstreamTicks));
        if (sample.EndpointIndex < 0) return;
        var endpoint = Endpoints.Find(sample.EndpointIndex)
            ?? AddEndpoint(sample.EndpointIndex, sample.UpstreamName, sample.EndpointAddress);
        endpoint.Outcomes.Add((int)sample.Outcome, 1);
        endpoint.Duration.Record(sample.UpstreamTicks);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ListenerRow AddListener(int index, byte[] name)
    {
        var row = new ListenerRow(MetricLabel.Render("listener", name));
        Listeners.Put(index, row);
        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RouteRow AddRoute(ListenerRow listener, int index, byte[]? id)
    {
        var row = new RouteRow(MetricLabel.Render("route", index < 0 ? "_none"u8 : id), bounds);
        listener.Routes.Put(index + 1, row);
        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private EndpointRow AddEndpoint(int index, byte[]? upstream, byte[]? address)
    {
        var row = new EndpointRow(
            MetricLabel.Render("upstream", (ReadOnlySpan<byte>)upstream),
            MetricLabel.Render("endpoint", (ReadOnlySpan<byte>)address), bounds);
        Endpoints.Put(index, row);
        return row;
    }
}
