using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Headers;

namespace DataPlane.Lambda.Calling;

/// <summary>The event of an HTTP API, payload format 2.0. Keys without a value are left out.</summary>
internal static class EventWriter2
{
    public static void Write(
        CallScratch scratch, FunctionRoute route, Exchange exchange, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var json = scratch.Json;
        json.WriteStartObject();
        json.WriteString("version"u8, "2.0"u8);
        json.WriteString("routeKey"u8, route.RouteKey);
        json.WriteString("rawPath"u8, PathOf(scratch, route, exchange));
        json.WriteString("rawQueryString"u8, exchange.Request.QueryRange.Of(exchange.HeadBytes));
        WriteCookies(scratch, exchange);
        EventWriter.WriteSingle(
            scratch, "headers"u8, scratch.Headers, joins: true, ignoresCase: true, lowers: true);
        if (scratch.Query.Count > 0)
        {
            EventWriter.WriteSingle(
                scratch, "queryStringParameters"u8, scratch.Query, joins: true, ignoresCase: false, lowers: false);
        }
        WriteContext(scratch, route, exchange, now);
        if (exchange.Match.Count > 0 && !route.IsUrl) EventWriter.WriteParameters(scratch, route, exchange);
        EventWriter.WriteBody(scratch, route, exchange, body, writesNull: false);
        json.WriteEndObject();
    }

    /// <summary>Of a function URL what is behind the route's own path.</summary>
    private static ReadOnlySpan<byte> PathOf(CallScratch scratch, FunctionRoute route, Exchange exchange)
    {
        if (!route.IsUrl) return EventWriter.PathOf(scratch, exchange, isDecoded: true);
        scratch.Text.Truncate(0);
        scratch.Text.Append("/"u8);
        if (exchange.Match.Count > 0)
        {
            var rest = exchange.Match.Captures[exchange.Match.Count - 1].Of(exchange.CanonicalPath);
            EventFields.AppendDecoded(scratch.Text, rest, isQuery: false);
        }
        return scratch.Text.Span;
    }

    private static void WriteContext(CallScratch scratch, FunctionRoute route, Exchange exchange, DateTimeOffset now)
    {
        var json = scratch.Json;
        json.WriteStartObject("requestContext"u8);
        json.WriteString("accountId"u8, route.Account);
        json.WriteString("apiId"u8, route.ApiId);
        json.WriteString("domainName"u8, exchange.Host);
        json.WriteString("domainPrefix"u8, EventWriter.PrefixOf(exchange.Host));
        json.WriteStartObject("http"u8);
        json.WriteString("method"u8, exchange.Request.MethodRange.Of(exchange.HeadBytes));
        json.WriteString("path"u8, PathOf(scratch, route, exchange));
        json.WriteString("protocol"u8, exchange.Request.VersionMinor == 0 ? "HTTP/1.0"u8 : "HTTP/1.1"u8);
        json.WriteString("sourceIp"u8, exchange.Client.Utf8);
        scratch.Text.Truncate(0);
        if (exchange.Request.TryFind(KnownHeader.UserAgent, out var agent))
            EventFields.AppendText(scratch.Text, agent.Value(exchange.HeadBytes));
        json.WriteString("userAgent"u8, scratch.Text.Span);
        json.WriteEndObject();
        json.WriteString("requestId"u8, exchange.RequestId);
        json.WriteString("routeKey"u8, route.RouteKey);
        json.WriteString("stage"u8, "$default"u8);
        json.WriteString("time"u8, EventWriter.TimeOf(scratch, now));
        json.WriteNumber("timeEpoch"u8, now.ToUnixTimeMilliseconds());
        json.WriteEndObject();
    }

    /// <summary>Each cookie by itself; the fields they came in are not among the headers.</summary>
    private static void WriteCookies(CallScratch scratch, Exchange exchange)
    {
        if (!exchange.Request.Has(KnownHeader.Cookie)) return;
        var json = scratch.Json;
        json.WriteStartArray("cookies"u8);
        for (int index = scratch.Headers.Count - 1; index >= 0; index--)
        {
            if (!IsCookie(scratch, index)) continue;
            var cookies = EventFields.Value(scratch, scratch.Headers[index]);
            while (!cookies.IsEmpty)
            {
                int end = cookies.IndexOf((byte)';');
                var cookie = (end < 0 ? cookies : cookies[..end]).Trim((byte)' ');
                cookies = end < 0 ? default : cookies[(end + 1)..];
                if (!cookie.IsEmpty) json.WriteStringValue(cookie);
            }
            scratch.Headers.RemoveAt(index);
        }
        json.WriteEndArray();
    }

    private static bool IsCookie(CallScratch scratch, int index) =>
        System.Text.Ascii.EqualsIgnoreCase(EventFields.Name(scratch, scratch.Headers[index]), "cookie"u8);
}
