using System.Runtime.CompilerServices;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
            RouteId = route?.IdUtf8,
            Method = exchange.Request.HeadLength > 0 ? exchange.Request.Method : RequestMethod.Other,
            StatusCode = record.StatusCode,
            Outcome = record.Outcome,
            GrpcStatus = exchange.GrpcStatus < 0 ? null : exchange.GrpcStatus,
            TotalTicks = HandlingTicks(record),
            UpstreamTicks = record.UpstreamTicks,
            EndpointIndex = endpoint?.StateIndex ?? -1,
            UpstreamName = endpoint?.UpstreamNameUtf8,
            EndpointAddress = endpoint?.AddressUtf8,
            BytesReceived = record.BytesReceived,
            BytesSent = record.BytesSent,
            TraceId = IsSampled(exchange.Trace.Parent) ? exchange.Trace.Id : default,
            EndTimestamp = exchange.StartTimestamp + record.TotalTicks,
        };
    }

    /// <summary>As a request line has it; HTTP/2 has no such line, and is written as others write it.</summary>
    public static ReadOnlySpan<byte> ProtocolOf(Exchange exchange) =>
        exchange.IsHttp2 ? "HTTP/2.0"u8 : exchange.Request.VersionMinor == 0 ? "HTTP/1.0"u8 : "HTTP/1.1"u8;

    /// <summary>
    /// What the log may show of an exchange: everything redacted that is not to be seen. The fields are empty before.
    /// </summary>
    public static void Fill(ref LogFields fields, in ExchangeRecord record, AccessLogShard shard)
    {
        var exchange = record.Exchange;
        fields.Exchange = exchange;
        fields.StartTimestamp = exchange.StartTimestamp;
        fields.RequestId = exchange.RequestId;
        fields.ClientAddress = exchange.Client.Utf8;
        fields.Protocol = ProtocolOf(exchange);
        fields.IsHttp2 = exchange.IsHttp2;
        fields.Tries = exchange.Tries;
        fields.GrpcStatus = exchange.GrpcStatus < 0 ? null : exchange.GrpcStatus;
        fields.Cache = exchange.Response.Cache.Result;
        fields.Outcome = record.Outcome;
        fields.StatusCode = record.StatusCode != 0 ? record.StatusCode : ErrorTable.Of(record.Outcome).StatusCode;
        fields.BytesReceived = record.BytesReceived;
        fields.BytesSent = record.BytesSent;
        fields.TotalTicks = record.TotalTicks;
        fields.UpstreamTicks = record.UpstreamTicks;
        fields.OwnTicks = HandlingTicks(record) - record.UpstreamTicks;
        fields.ConnectTicks = exchange.ConnectTicks;
        fields.FirstByteTicks = exchange.FirstByteTicks;
        fields.TraceId = exchange.Trace.Id;
        LogRoute? route = null;
        if (exchange.Route is { } matched)
        {
            route = shard.Fragments.Of(matched);
            fields.RouteJson = route.Json;
        }
        if (exchange.Endpoint is { } endpoint) fields.EndpointJson = shard.Fragments.Of(endpoint);
        // Ranges of a head that was refused mean nothing: its line has no method, path or fields.
        if (exchange.Request.HeadLength > 0) FillHead(ref fields, exchange, route, shard);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FillHead(ref LogFields fields, Exchange exchange, LogRoute? route, AccessLogShard shard)
    {
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        fields.Method = request.MethodRange.Of(head);
        fields.Host = exchange.Host;
        fields.Path = PathOf(exchange, route, shard.Redactor);
        if (request.HasQuery && shard.LogsQuery) fields.Query = shard.Redactor.Query(request.QueryRange.Of(head));
        if (!shard.WantsFields) return;
        fields.Referer = shard.Redactor.Referer(Find(request, KnownHeader.Referer, head));
        fields.UserAgent = Find(request, KnownHeader.UserAgent, head);
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
    private static bool IsSampled(ReadOnlySpan<byte> traceParent)
    {
        if (traceParent.IsEmpty) return false;
        // A hex digit's lowest bit is the digit's own, and a letter's, which bit 6 tells, is the opposite.
        int last = traceParent[^1];
        return ((last ^ last >> 6) & 1) != 0;
    }

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
