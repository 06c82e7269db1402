using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Headers;

namespace DataPlane.Lambda.Calling;

/// <summary>The event of an HTTP API in payload format 1.0, or of a REST API. Maps without entries are null.</summary>
internal static class EventWriter1
{
    public static void Write(
        CallScratch scratch, FunctionRoute route, Exchange exchange, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var json = scratch.Json;
        bool isRest = route.Format == FunctionEventFormat.Rest;
        json.WriteStartObject();
        if (!isRest) json.WriteString("version"u8, "1.0"u8);
        json.WriteString("resource"u8, route.Resource);
        var path = EventWriter.PathOf(scratch, exchange, isDecoded: false);
        json.WriteString("path"u8, isRest ? RestPath.WithoutLeadingSlashes(path) : path);
        json.WriteString("httpMethod"u8, exchange.Request.MethodRange.Of(exchange.HeadBytes));
        EventWriter.WriteSingle(
            scratch, "headers"u8, scratch.Headers, joins: false, ignoresCase: true, lowers: false);
        EventWriter.WriteMultiple(scratch, "multiValueHeaders"u8, scratch.Headers, ignoresCase: true, lowers: false);
        if (scratch.Query.Count > 0)
        {
            EventWriter.WriteSingle(
                scratch, "queryStringParameters"u8, scratch.Query, joins: false, ignoresCase: false, lowers: false);
            EventWriter.WriteMultiple(
                scratch, "multiValueQueryStringParameters"u8, scratch.Query, ignoresCase: false, lowers: false);
        }
        else
        {
            json.WriteNull("queryStringParameters"u8);
            json.WriteNull("multiValueQueryStringParameters"u8);
        }
        WriteContext(scratch, route, exchange, now, isRest);
        if (exchange.Match.Count > 0) EventWriter.WriteParameters(scratch, route, exchange);
        else json.WriteNull("pathParameters"u8);
        json.WriteNull("stageVariables"u8);
        EventWriter.WriteBody(scratch, route, exchange, body, writesNull: true);
        json.WriteEndObject();
    }

    private static void WriteContext(
        CallScratch scratch, FunctionRoute route, Exchange exchange, DateTimeOffset now, bool isRest)
    {
        var json = scratch.Json;
        json.WriteStartObject("requestContext"u8);
        json.WriteString("accountId"u8, route.Account);
        json.WriteString("apiId"u8, route.ApiId);
        json.WriteString("domainName"u8, exchange.Host);
        json.WriteString("domainPrefix"u8, EventWriter.PrefixOf(exchange.Host));
        json.WriteString("extendedRequestId"u8, exchange.RequestId);
        json.WriteString("httpMethod"u8, exchange.Request.MethodRange.Of(exchange.HeadBytes));
        WriteIdentity(scratch, exchange, isRest);
        json.WriteString("path"u8, EventWriter.PathOf(scratch, exchange, isDecoded: !isRest));
        json.WriteString("protocol"u8, exchange.Request.VersionMinor == 0 ? "HTTP/1.0"u8 : "HTTP/1.1"u8);
        json.WriteString("requestId"u8, exchange.RequestId);
        json.WriteString("requestTime"u8, EventWriter.TimeOf(scratch, now));
        json.WriteNumber("requestTimeEpoch"u8, now.ToUnixTimeMilliseconds());
        json.WriteString("resourceId"u8, route.RouteKey);
        json.WriteString("resourcePath"u8, route.Resource);
        json.WriteString("stage"u8, "$default"u8);
        json.WriteEndObject();
    }

    private static void WriteIdentity(CallScratch scratch, Exchange exchange, bool isRest)
    {
        var json = scratch.Json;
        json.WriteStartObject("identity"u8);
        json.WriteNull("accessKey"u8);
        json.WriteNull("accountId"u8);
        json.WriteNull("caller"u8);
        json.WriteNull("cognitoAuthenticationProvider"u8);
        json.WriteNull("cognitoAuthenticationType"u8);
        json.WriteNull("cognitoIdentityId"u8);
        json.WriteNull("cognitoIdentityPoolId"u8);
        json.WriteNull("principalOrgId"u8);
        json.WriteString("sourceIp"u8, exchange.Client.Utf8);
        json.WriteNull("user"u8);
        scratch.Text.Truncate(0);
        bool hasAgent = exchange.Request.TryFind(KnownHeader.UserAgent, out var agent);
        if (hasAgent) EventFields.AppendText(scratch.Text, agent.Value(exchange.HeadBytes));
        // Without one a REST API says null, an HTTP API an empty text.
        if (hasAgent || !isRest) json.WriteString("userAgent"u8, scratch.Text.Span);
        else json.WriteNull("userAgent"u8);
        json.WriteNull("userArn"u8);
        json.WriteEndObject();
    }
}
