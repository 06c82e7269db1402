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
        };
    }

    public static LogFields ToLogFields(in ExchangeRecord record, LogFragments fragments, bool withFields)
    {
        var exchange = record.Exchange;
        var request = exchange.Request;
        var endpoint = exchange.Endpoint;
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
            Referer = hasHead && withFields ? Find(request, KnownHeader.Referer, head) : default,
            UserAgent = hasHead && withFields ? Find(request, KnownHeader.UserAgent, head) : default,
            RouteJson = exchange.Route is null ? default : fragments.Of(exchange.Route),
            EndpointJson = endpoint is null ? default : fragments.Of(endpoint),
            Tries = exchange.Tries,
            StatusCode = record.StatusCode != 0 ? record.StatusCode : ErrorTable.Of(record.Outcome).StatusCode,
            BytesReceived = record.BytesReceived,
            BytesSent = record.BytesSent,
            TotalTicks = record.TotalTicks,
            UpstreamTicks = record.UpstreamTicks,
            ConnectTicks = exchange.ConnectTicks,
            FirstByteTicks = exchange.FirstByteTicks,
            Outcome = record.Outcome,
            TraceId = exchange.TraceId,
        };
    }

    /// <summary>An absolute-form target may have no path at all, which means the root (RFC 9112 3.2.2).</summary>
    private static ReadOnlySpan<byte> PathOf(ByteRange path, ReadOnlySpan<byte> head) =>
        path.IsEmpty ? "/"u8 : path.Of(head);

    private static ReadOnlySpan<byte> Find(RequestHead request, KnownHeader name, ReadOnlySpan<byte> head) =>
        request.TryFind(name, out var field) ? head.Slice(field.ValueStart, field.ValueLength) : default;
}
