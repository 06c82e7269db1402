using System.Text;
using System.Text.Json.Nodes;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>The events that AWS's gateways made of requests, against those made of the same requests here.</summary>
public sealed class RecordedEventTests
{
    private const string Echo =
        """
        export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });
        export const url = async (event) => ({ statusCode: 200, body: JSON.stringify({
          args: event.queryStringParameters ?? {},
          data: event.headers['content-type'] === 'application/json' ? JSON.parse(event.body) : event.body,
          headers: event.headers, method: event.requestContext.http.method, path: event.rawPath }) });
        """;

    /// <summary>Left out of both: what AWS's network adds in front of a gateway, and what differs each time.</summary>
    private static readonly string[] s_leftFields =
    [
        "Via", "X-Amz-Cf-Id", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "Host",
        "X-Amzn-Tls-Cipher-Suite", "X-Amzn-Tls-Version",
    ];

    /// <summary>Ids and times, and the deployment, of which a gateway has none.</summary>
    private static readonly string[] s_leftContext =
    [
        "accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "extendedRequestId", "requestId",
        "requestTime", "requestTimeEpoch", "resourceId", "stage",
    ];

    private static readonly (string Answer, string Target)[] s_rest =
    [
        ("invocation-payload-without-trailing-slash", "/proxy-value"),
        ("invocation-payload-with-trailing-slash", "/proxy-value/"),
        ("invocation-payload-with-double-slash", "/proxy-value//double-slash"),
        ("invocation-payload-with-prepended-slash", "//proxy-value"),
        ("invocation-payload-without-trailing-slash-and-query-params", "/proxy-value?urlparam=test"),
        ("invocation-payload-with-trailing-slash-and-query-params", "/proxy-value/?urlparam=test"),
        ("invocation-payload-with-path-encoded-email",
            "/proxy-value/api/user/test%2Balias@gmail.com/plus/test+alias@gmail.com"),
        ("invocation-payload-with-params-encoding",
            "/proxy-value/api?dateTimeOffset=2023-06-12T18:05:10.123456+00:00&email=test%2Balias@gmail.com"
            + "&plus=test+alias@gmail.com&url=https://www.google.com/&whitespace=foo%20bar&zhash=abort/"),
        ("invocation-payload-with-params-encoding-multi",
            "/proxy-value?category=electronics&category=books&price=10&price=20&price=30"),
        ("invocation-hardcoded", "//hardcoded"),
    ];

    [LinuxFact]
    public async Task RestApi_MakesTheEventsThatWereRecorded()
    {
        if (!Snapshots.TryRead(["test_apigateway_lambda.snapshot.json"], out var recorded)) return;
        await using var gateway = await StartAsync(
            "- { match: { path: /hardcoded }, to: { function: f, event: rest } }",
            "- { match: { path: \"/{proxy+}\" }, to: { function: f, event: rest } }");
        var failures = new List<string>();
        foreach (var (answer, target) in s_rest)
        {
            var theirs = recorded.Find("test_lambda_aws_proxy_integration", answer).AsObject();
            string body = theirs["body"] is JsonObject json ? json.ToJsonString() : "";
            // The stage is part of AWS's path, and there are no stages here.
            var context = theirs["requestContext"]!.AsObject();
            context["path"] = ((string)context["path"]!)["/stage".Length..];
            var ours = await AskAsync(gateway, (string)theirs["httpMethod"]!, target, theirs["headers"]!, body);
            if (ours["body"] is JsonValue text) ours["body"] = JsonNode.Parse((string)text!);
            Compare(failures, answer, theirs, ours);
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [LinuxTheory]
    [InlineData("V1_SpecialCharactersInPathRest", "rest")]
    [InlineData("V1_SpecialCharactersInPathHttpV1", "\"1.0\"")]
    [InlineData("V1_SimpleGetRequestHttpV1", "\"1.0\"")]
    [InlineData("BinaryContentRest", "rest, binaryMediaTypes: [\"*/*\"]")]
    [InlineData("BinaryContentHttpV1", "\"1.0\"")]
    public async Task PayloadOne_IsMadeAsRecorded(string name, string format)
    {
        if (!TryReadTestTool(name, out var theirs)) return;
        var context = theirs["requestContext"]!.AsObject();
        bool isRest = format.StartsWith("rest", StringComparison.Ordinal);
        if (isRest) context["path"] = ((string)context["path"]!)["/test".Length..];
        await using var gateway = await StartAsync(
            $"- {{ match: {{ path: \"{theirs["resource"]}\", methods: [POST] }}, "
            + $"to: {{ function: f, event: {format} }} }}");
        string query = theirs["multiValueQueryStringParameters"] is JsonObject values
            ? "?" + string.Join('&', values.SelectMany(
                each => each.Value!.AsArray().Select(value => $"{each.Key}={value}")))
            : "";
        var ours = await AskAsync(
            gateway, "POST", theirs["path"] + query, theirs["headers"]!, BodyOf(theirs));
        Assert.Equal(!isRest, ours.Remove("version"));
        if (!isRest) Assert.Equal((string?)context["resourceId"], (string?)ours["requestContext"]!["resourceId"]);
        // The classes have no such key.
        Assert.True(ours["requestContext"]!.AsObject().Remove("protocol"));
        // Read into classes, so that all keys of all kinds of API are there: only those that are not null count.
        var failures = new List<string>();
        Compare(failures, name, Known(theirs), Known(ours));
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [LinuxTheory]
    [InlineData("V2_SimpleGetRequest")]
    [InlineData("V2_BinaryContent")]
    public async Task PayloadTwo_IsMadeAsRecorded(string name)
    {
        if (!TryReadTestTool(name, out var theirs)) return;
        string path = ((string)theirs["routeKey"]!)["POST ".Length..];
        await using var gateway = await StartAsync(
            $"- {{ match: {{ path: \"{path}\", methods: [POST] }}, to: {{ function: f }} }}");
        var headers = theirs["headers"]!.DeepClone();
        if (theirs["cookies"] is JsonArray cookies)
            headers["cookie"] = string.Join("; ", cookies.Select(each => $"{each}"));
        string query = (string)theirs["rawQueryString"]!;
        var ours = await AskAsync(
            gateway, "POST", theirs["rawPath"] + (query.Length > 0 ? "?" + query : ""), headers, BodyOf(theirs));
        var failures = new List<string>();
        foreach (var each in new[] { theirs, ours })
        {
            var context = each["requestContext"]!.AsObject();
            foreach (string left in new[] { "time", "timeEpoch" }) context.Remove(left);
            context["http"]!.AsObject().Remove("sourceIp");
        }
        Compare(failures, name, Known(theirs), Known(ours));
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [LinuxTheory]
    [InlineData("test_lambda_url_echo_http_fixture_default", "/pa2%25Fth/1?q=query&multiQuery=foo&multiQuery=%2Fbar")]
    [InlineData("test_lambda_url_echo_http_fixture_trim_x_headers", "/path/1?q=query")]
    [InlineData("test_lambda_url_form_payload", "/test/value")]
    public async Task FunctionUrl_MakesTheEventThatWasRecorded(string name, string target)
    {
        if (!Snapshots.TryRead(["lambda__test_lambda.snapshot.json"], out var recorded)) return;
        var theirs = recorded.Find("TestLambdaURL::" + name, "url_response").AsObject();
        await using var gateway = await StartAsync(
            "- { match: { path: \"/{path+}\" }, to: { function: url, event: url } }");
        string body = theirs["data"] is JsonObject json
            ? json.ToJsonString().Replace(":", ": ", StringComparison.Ordinal)
            : Encoding.Latin1.GetString(Convert.FromBase64String((string)theirs["data"]!));
        var ours = await AskAsync(gateway, (string)theirs["method"]!, target, theirs["headers"]!, body);
        foreach (string left in new[] { "domain", "origin" }) theirs.Remove(left);
        var failures = new List<string>();
        Compare(failures, name, theirs, ours);
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static async Task<HostedGateway> StartAsync(params string[] routes)
    {
        // Each test has a folder of its own, which the system empties: a gateway that stops may still read there.
        var folder = new FunctionFolder().Node(Echo);
        var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        string settings = $"runtime: nodejs20.x, code: \"{folder.Path}\", log: off, timeout: 60s, initTimeout: 60s";
        await gateway.StartAsync(
            $"functions:\n  f: {{ {settings}, handler: index.handler }}\n"
            + $"  url: {{ {settings}, handler: index.url }}\nroutes:\n"
            + string.Concat(routes.Select(route => $"  {route}\n")));
        return gateway;
    }

    private static async Task<JsonObject> AskAsync(
        HostedGateway gateway, string method, string target, JsonNode headers, string body)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: a.example\r\n");
        foreach (var (name, value) in headers.AsObject())
        {
            bool isLeft = s_leftFields.Contains(name, StringComparer.OrdinalIgnoreCase)
                || name.StartsWith("CloudFront", StringComparison.Ordinal)
                || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
            if (!isLeft) head.Append($"{name}: {value}\r\n");
        }
        var response = await gateway.AskAsync($"{head}Content-Length: {body.Length}\r\n\r\n{body}");
        Assert.True(response.Status == 200, response.Text);
        return JsonNode.Parse(response.Text)!.AsObject();
    }

    private static string BodyOf(JsonObject theirs) => theirs["body"] is not JsonValue body
        ? ""
        : (bool)theirs["isBase64Encoded"]!
            ? Encoding.Latin1.GetString(Convert.FromBase64String((string)body!))
            : (string)body!;

    /// <summary>The recording has .NET's names.</summary>
    private static bool TryReadTestTool(string name, out JsonObject recorded)
    {
        recorded = [];
        if (!SharedCorpora.TryRead(
            $"aws/aws-lambda-dotnet/testtool-v2-aws-recorded-snapshots/{name}.json", out var document))
            return false;
        recorded = Camel(JsonNode.Parse(document.RootElement.GetRawText())!, isOfClient: false)!.AsObject();
        return true;
    }

    private static JsonNode? Camel(JsonNode? node, bool isOfClient) => node switch
    {
        JsonObject pairs => new JsonObject(pairs.Select(pair => KeyValuePair.Create(
            isOfClient ? pair.Key : char.ToLowerInvariant(pair.Key[0]) + pair.Key[1..],
            Camel(pair.Value, isOfClient || pair.Key is "Headers" or "MultiValueHeaders" or "PathParameters"
                || pair.Key.EndsWith("StringParameters", StringComparison.Ordinal))))),
        _ => node?.DeepClone(),
    };

    /// <summary>Without what is null, or a number that a class has for want of one.</summary>
    private static JsonObject Known(JsonObject node) => new(node
        .Where(pair => pair.Value is not null && pair.Key != "connectedAt")
        .Select(pair => KeyValuePair.Create(
            pair.Key, pair.Value is JsonObject inner ? Known(inner) : pair.Value?.DeepClone())));

    private static void Compare(List<string> failures, string name, JsonObject theirs, JsonObject ours)
    {
        string expected = Normal(theirs);
        string seen = Normal(ours);
        if (expected != seen) failures.Add($"{name}:\n{seen}\n--- instead of\n{expected}");
    }

    private static string Normal(JsonObject node)
    {
        foreach (string headers in new[] { "headers", "multiValueHeaders" })
        {
            if (node[headers] is not JsonObject fields) continue;
            foreach (string field in fields.Select(each => each.Key).ToList())
            {
                if (s_leftFields.Contains(field, StringComparer.OrdinalIgnoreCase)
                    || field.StartsWith("CloudFront", StringComparison.Ordinal))
                    fields.Remove(field);
            }
        }
        if (node["requestContext"] is JsonObject context)
        {
            foreach (string left in s_leftContext) context.Remove(left);
            if (context["identity"] is JsonObject identity)
            {
                foreach (string left in new[] { "sourceIp" }) identity.Remove(left);
            }
        }
        return Sorted(node)!.ToJsonString();
    }

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject pairs
        ? new JsonObject(pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value))))
        : node?.DeepClone();
}
