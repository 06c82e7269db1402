using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The only place where recording looks into an <see cref="Exchange"/>. Spans point into the exchange: good until the
/// recorder returns. 0 bytes.
/// </summary>
internal static class ExchangeFields
{
    public static MetricSample ToMetricSample(in ExchangeRecord record)
    {
        var exchange = record.Exchange;
        var route = exchange.Route;
        var endpoint = exchange.Endpoint;
        return new MetricSample
        {
            Shard = exchange.Loop.Index,
            ListenerIndex = exchange.Listener.Index,
            ListenerName = exchange.Listener.NameUtf8,
            RouteIndex = route?.StateIndex ?? -1,
            RouteId = route is null ? default : route.IdUtf8,
            Method = exchange.Request.HeadLength > 0 ? exchange.Request.Method : RequestMethod.Other,
            StatusCode = record.StatusCode,
            Outcome = record.Outcome,
            TotalTicks = record.TotalTicks,
            UpstreamTicks = record.UpstreamTicks,
            EndpointIndex = endpoint?.StateIndex ?? -1,
            UpstreamName = endpoint is null ? default : endpoint.UpstreamNameUtf8,
            EndpointAddress = endpoint is null ? default : endpoint.AddressUtf8,
            BytesReceived = record.BytesReceived,
            BytesSent = record.BytesSent,
            TraceId = IsSampled(exchange.TraceParent) ? exchange.TraceId : default,
            EndTimestamp = exchange.StartTimestamp + record.TotalTicks,
        };
    }

    public static LogFields ToLogFields(in ExchangeRecord record)
    {
        var exchange = record.Exchange;
        var request = exchange.Request;
        var endpoint = exchange.Endpoint;
        var error = ErrorTable.Of(record.Outcome);
        // Ranges of a head that was refused mean nothing: its line has no method, path or fields.
        bool hasHead = request.HeadLength > 0;
        var head = exchange.HeadBytes;
        return new LogFields
        {
            StartTimestamp = exchange.StartTimestamp,
            RequestId = exchange.RequestId,
            ClientAddress = exchange.Client.Utf8,
            Method = hasHead ? request.MethodRange.Of(head) : default,
            Host = hasHead ? exchange.Host : default,
            Path = hasHead ? PathOf(request.PathRange, head) : default,
            VersionMinor = request.VersionMinor,
            Referer = hasHead ? Find(request, KnownHeader.Referer, head) : default,
            UserAgent = hasHead ? Find(request, KnownHeader.UserAgent, head) : default,
            Route = exchange.Route is null ? default : exchange.Route.IdUtf8,
            Upstream = endpoint is null ? default : endpoint.UpstreamNameUtf8,
            Endpoint = endpoint is null ? default : endpoint.AddressUtf8,
            Tries = exchange.Tries,
            StatusCode = record.StatusCode != 0 ? record.StatusCode : error.StatusCode,
            BytesReceived = record.BytesReceived,
            BytesSent = record.BytesSent,
            TotalTicks = record.TotalTicks,
            UpstreamTicks = record.UpstreamTicks,
            ConnectTicks = exchange.ConnectTicks,
            FirstByteTicks = exchange.FirstByteTicks,
            Outcome = error.LabelUtf8,
            Side = FaultSides.LabelOf(error.Side),
            TraceId = exchange.TraceId,
        };
    }

    /// <summary>The lowest bit of the flags (W3C Trace Context 3.2.2.5): somebody keeps this trace.</summary>
    private static bool IsSampled(ReadOnlySpan<byte> traceParent) =>
        !traceParent.IsEmpty && "13579bdf"u8.Contains(traceParent[^1]);

    /// <summary>An absolute-form target may have no path at all, which means the root (RFC 9112 3.2.2).</summary>
    private static ReadOnlySpan<byte> PathOf(ByteRange path, ReadOnlySpan<byte> head) =>
        path.IsEmpty ? "/"u8 : path.Of(head);

    private static ReadOnlySpan<byte> Find(RequestHead request, KnownHeader name, ReadOnlySpan<byte> head) =>
        request.TryFind(name, out var field) ? head.Slice(field.ValueStart, field.ValueLength) : default;
}
