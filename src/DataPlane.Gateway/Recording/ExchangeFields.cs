using DataPlane.Config;
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
            GrpcStatus = exchange.GrpcStatus < 0 ? null : exchange.GrpcStatus,
            TotalTicks = HandlingTicks(record),
            UpstreamTicks = record.UpstreamTicks,
            EndpointIndex = endpoint?.StateIndex ?? -1,
            UpstreamName = endpoint is null ? default : endpoint.UpstreamNameUtf8,
            EndpointAddress = endpoint is null ? default : endpoint.AddressUtf8,
            BytesReceived = record.BytesReceived,
            BytesSent = record.BytesSent,
            TraceId = IsSampled(exchange.Trace.Parent) ? exchange.Trace.Id : default,
            EndTimestamp = exchange.StartTimestamp + record.TotalTicks,
        };
    }

    /// <summary>As a request line has it; HTTP/2 has no such line, and is written as others write it.</summary>
    public static ReadOnlySpan<byte> ProtocolOf(Exchange exchange) =>
        exchange.IsHttp2 ? "HTTP/2.0"u8 : exchange.Request.VersionMinor == 0 ? "HTTP/1.0"u8 : "HTTP/1.1"u8;

    /// <summary>What the log may show of an exchange: everything redacted that is not to be seen.</summary>
    public static LogFields ToLogFields(in ExchangeRecord record, AccessLogShard shard)
    {
        var exchange = record.Exchange;
        var request = exchange.Request;
        var endpoint = exchange.Endpoint;
        var route = exchange.Route is null ? null : shard.Fragments.Of(exchange.Route);
        // Ranges of a head that was refused mean nothing: its line has no method, path or fields.
        bool hasHead = request.HeadLength > 0;
        bool withFields = hasHead && shard.WantsFields;
        var head = exchange.HeadBytes;
        return new LogFields
        {
            StartTimestamp = exchange.StartTimestamp,
            RequestId = exchange.RequestId,
            ClientAddress = exchange.Client.Utf8,
            Method = hasHead ? request.MethodRange.Of(head) : default,
            Host = hasHead ? exchange.Host : default,
            Path = hasHead ? PathOf(exchange, route, shard.Redactor) : default,
            Query = hasHead && shard.LogsQuery && request.HasQuery
                ? shard.Redactor.Query(request.QueryRange.Of(head))
                : default,
            Protocol = ProtocolOf(exchange),
            IsHttp2 = exchange.IsHttp2,
            Referer = withFields ? shard.Redactor.Referer(Find(request, KnownHeader.Referer, head)) : default,
            UserAgent = withFields ? Find(request, KnownHeader.UserAgent, head) : default,
            RouteJson = route is null ? default : route.Json,
            EndpointJson = endpoint is null ? default : shard.Fragments.Of(endpoint),
            Tries = exchange.Tries,
            Cache = exchange.Response.Cache.Result,
            GrpcStatus = exchange.GrpcStatus < 0 ? null : exchange.GrpcStatus,
            StatusCode = record.StatusCode != 0 ? record.StatusCode : ErrorTable.Of(record.Outcome).StatusCode,
            BytesReceived = record.BytesReceived,
            BytesSent = record.BytesSent,
            TotalTicks = record.TotalTicks,
            UpstreamTicks = record.UpstreamTicks,
            TunnelTicks = record.TotalTicks - HandlingTicks(record),
            ConnectTicks = exchange.ConnectTicks,
            FirstByteTicks = exchange.FirstByteTicks,
            Outcome = record.Outcome,
            TraceId = exchange.Trace.Id,
            Exchange = exchange,
        };
    }

    /// <summary>Copies what the list of recent errors shows, redacted as the log is.</summary>
    public static void Keep(in ExchangeRecord record, LogFragments fragments, LogRedactor redactor, ErrorSlot slot)
    {
        var exchange = record.Exchange;
        var request = exchange.Request;
        bool hasHead = request.HeadLength > 0;
        var route = exchange.Route is null ? null : fragments.Of(exchange.Route);
        slot.StartTimestamp = exchange.StartTimestamp;
        slot.TotalTicks = record.TotalTicks;
        slot.StatusCode = record.StatusCode != 0 ? record.StatusCode : ErrorTable.Of(record.Outcome).StatusCode;
        slot.Outcome = record.Outcome;
        slot.RouteId = exchange.Route?.Id;
        slot.Upstream = exchange.Endpoint?.Upstream;
        slot.Endpoint = exchange.Endpoint?.Url;
        slot.Client = exchange.Client;
        slot.RequestId.Set(exchange.RequestId);
        slot.Method.Set(hasHead ? request.MethodRange.Of(exchange.HeadBytes) : default);
        slot.Path.Set(hasHead ? PathOf(exchange, route, redactor) : default);
    }

    /// <summary>
    /// How long a tunnel was open says nothing about how fast the gateway is: its exchange was handled with the 101.
    /// </summary>
    private static long HandlingTicks(in ExchangeRecord record) =>
        record.Exchange.Upgrade is { StartTimestamp: > 0 } upgrade
            ? upgrade.StartTimestamp - record.Exchange.StartTimestamp
            : record.TotalTicks;

    /// <summary>The lowest bit of the flags (W3C Trace Context 3.2.2.5): somebody keeps this trace.</summary>
    private static bool IsSampled(ReadOnlySpan<byte> traceParent) =>
        !traceParent.IsEmpty && "13579bdf"u8.Contains(traceParent[^1]);

    /// <summary>Without the question mark; empty when there is none, or no head.</summary>
    public static ReadOnlySpan<byte> QueryOf(Exchange exchange)
    {
        var request = exchange.Request;
        return request is { HeadLength: > 0, HasQuery: true } ? request.QueryRange.Of(exchange.HeadBytes) : default;
    }

    /// <summary>The field, query parameter or capture a template names; empty when absent.</summary>
    public static ReadOnlySpan<byte> ValueOf(Exchange exchange, in TemplatePiece piece)
    {
        if (exchange.Request.HeadLength == 0) return default;
        return piece.Variable switch
        {
            LogVariable.Header => exchange.Request.TryFind(exchange.HeadBytes, piece.Bytes, out var field)
                ? field.Value(exchange.HeadBytes)
                : default,
            LogVariable.QueryParameter => ParameterOf(QueryOf(exchange), piece.Bytes),
            _ => CaptureOf(exchange, piece.Name),
        };
    }

    private static ReadOnlySpan<byte> ParameterOf(ReadOnlySpan<byte> query, ReadOnlySpan<byte> name)
    {
        foreach (var range in query.Split((byte)'&'))
        {
            var pair = query[range];
            if (pair.StartsWith(name) && pair.Length > name.Length && pair[name.Length] == '=')
                return pair[(name.Length + 1)..];
        }
        return default;
    }

    private static ReadOnlySpan<byte> CaptureOf(Exchange exchange, string name)
    {
        if (exchange.Route is not { } route) return default;
        int index = route.CaptureNames.IndexOf(name);
        var captures = exchange.Match.Captures;
        return (uint)index < (uint)captures.Length ? captures[index].Of(exchange.CanonicalPath) : default;
    }

    private static ReadOnlySpan<byte> PathOf(Exchange exchange, LogRoute? route, LogRedactor redactor)
    {
        if (route is { HiddenCaptures: not 0 } hiding) return redactor.Path(exchange, hiding.HiddenCaptures);
        var path = exchange.Request.PathRange;
        // An absolute-form target may have no path at all, which means the root (RFC 9112 3.2.2).
        return path.IsEmpty ? "/"u8 : path.Of(exchange.HeadBytes);
    }

    private static ReadOnlySpan<byte> Find(RequestHead request, KnownHeader name, ReadOnlySpan<byte> head) =>
        request.TryFind(name, out var field) ? head.Slice(field.ValueStart, field.ValueLength) : default;
}
