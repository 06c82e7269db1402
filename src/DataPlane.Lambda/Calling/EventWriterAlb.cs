using System.Text.Unicode;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Headers;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// The event of a load balancer whose target is a function: names in lower case, the query as it was sent, and either
/// single or multiple values. Source: Elastic Load Balancing, "Lambda functions as targets".
/// </summary>
internal static class EventWriterAlb
{
    public static void Write(CallScratch scratch, FunctionRoute route, Exchange exchange, ReadOnlySpan<byte> body)
    {
        var json = scratch.Json;
        json.WriteStartObject();
        json.WriteStartObject("requestContext"u8);
        json.WriteStartObject("elb"u8);
        json.WriteString("targetGroupArn"u8, route.TargetGroup);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("httpMethod"u8, exchange.Request.MethodRange.Of(exchange.HeadBytes));
        json.WriteString("path"u8, EventWriter.PathOf(scratch, exchange, isDecoded: false));
        if (route.Format == FunctionEventFormat.AlbMultiValue)
        {
            EventWriter.WriteMultiple(
                scratch, "multiValueQueryStringParameters"u8, scratch.Query, ignoresCase: false, lowers: false);
            EventWriter.WriteMultiple(
                scratch, "multiValueHeaders"u8, scratch.Headers, ignoresCase: true, lowers: true);
        }
        else
        {
            EventWriter.WriteSingle(
                scratch, "queryStringParameters"u8, scratch.Query, joins: false, ignoresCase: false, lowers: false);
            EventWriter.WriteSingle(
                scratch, "headers"u8, scratch.Headers, joins: false, ignoresCase: true, lowers: true);
        }
        bool isText = body.IsEmpty || (IsText(exchange) && Utf8.IsValid(body));
        if (isText) json.WriteString("body"u8, body);
        else json.WriteBase64String("body"u8, body);
        json.WriteBoolean("isBase64Encoded"u8, !isText);
        json.WriteEndObject();
    }

    /// <summary>Everything else, and what is encoded, is base64.</summary>
    private static bool IsText(Exchange exchange)
    {
        if (exchange.Request.Has(KnownHeader.ContentEncoding)) return false;
        if (!exchange.Request.TryFind(KnownHeader.ContentType, out var field)) return false;
        var type = field.Value(exchange.HeadBytes);
        int end = type.IndexOf((byte)';');
        if (end >= 0) type = type[..end];
        type = type.Trim((byte)' ');
        return (type.Length > 5 && System.Text.Ascii.EqualsIgnoreCase(type[..5], "text/"u8))
            || System.Text.Ascii.EqualsIgnoreCase(type, "application/json"u8)
            || System.Text.Ascii.EqualsIgnoreCase(type, "application/javascript"u8)
            || System.Text.Ascii.EqualsIgnoreCase(type, "application/xml"u8);
    }
}
