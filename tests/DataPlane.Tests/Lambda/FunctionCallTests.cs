using System.Text;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Lambda;

/// <summary>Requests to functions in real processes, and back.</summary>
public sealed class FunctionCallTests
{
    private const string Raw = "event: raw";

    [Theory]
    [SocketWire]
    public async Task NodeHandler_GetsTheEventOfAnHttpApiAndAnswers(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(
            """
            export const handler = async (event, context) => ({
              statusCode: 201, cookies: ['a=b', 'c=d'], headers: { 'x-name': context.functionName },
              body: JSON.stringify(event),
            });
            """);
        await using var gateway = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x"));
        var response = await gateway.AskAsync(
            "POST /a%20b/c?x=1&x=2&y=%C3%A9+z&e HTTP/1.1\r\nHost: api.example.com:81\r\nX-A: 1\r\nx-a: 2\r\n"
            + "Cookie: k=v; l=w\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
        Assert.Equal(201, response.Status);
        Assert.Equal("a=b, c=d", response.Field("Set-Cookie"));
        Assert.Equal("f", response.Field("X-Name"));
        var seen = JsonDocument.Parse(response.Body).RootElement;
        Assert.Equal("2.0", Text(seen, "version"));
        Assert.Equal("/a b/c", Text(seen, "rawPath"));
        Assert.Equal("x=1&x=2&y=%C3%A9+z&e", Text(seen, "rawQueryString"));
        Assert.Equal("""{"x":"1,2","y":"é z","e":""}""", Plain(seen.GetProperty("queryStringParameters")));
        Assert.Equal("""["k=v","l=w"]""", seen.GetProperty("cookies").GetRawText());
        Assert.Equal("1,2", Text(seen.GetProperty("headers"), "x-a"));
        Assert.Equal("7", Text(seen.GetProperty("headers"), "content-length"));
        Assert.False(seen.GetProperty("headers").TryGetProperty("cookie", out _));
        Assert.Equal("127.0.0.1", Text(seen.GetProperty("headers"), "x-forwarded-for"));
        Assert.Equal("a b/c", Text(seen.GetProperty("pathParameters"), "path"));
        Assert.Equal("""{"a":1}""", Text(seen, "body"));
        Assert.False(seen.GetProperty("isBase64Encoded").GetBoolean());
        var context = seen.GetProperty("requestContext");
        Assert.Equal("api.example.com", Text(context, "domainName"));
        Assert.Equal("api", Text(context, "domainPrefix"));
        Assert.Equal("ANY /{path+}", Text(context, "routeKey"));
        Assert.Equal("POST", Text(context.GetProperty("http"), "method"));
    }

    [Theory]
    [SocketWire("/x/{path+}", "/x/a%20b/c", "/a b/c")]
    [SocketWire("/{path+}", "/x/y", "/x/y")]
    [SocketWire("/x", "/x", "/")]
    public async Task FunctionUrl_BeginsBehindItsRoute(Wire wire, string route, string asked, string path)
    {
        await using var folder = new FunctionFolder().Node(
            """
            export const handler = async (e) => ({ statusCode: 200, body: JSON.stringify(
              [e.rawPath, e.requestContext.http.path, e.routeKey, e.pathParameters ?? null]) });
            """);
        string yaml = folder.Yaml("nodejs20.x", target: "event: url").Replace("/{path+}", route);
        await using var gateway = await TestGateway.StartAsync(wire, yaml);
        var response = await gateway.AskAsync($"GET {asked}?a=1 HTTP/1.1\r\nHost: f.localhost\r\n\r\n");
        Assert.Equal($"""["{path}","{path}","$default",null]""", response.Text);
        Assert.Equal("application/json", response.Field("Content-Type"));
    }

    [Theory]
    [SocketWire("event: \"1.0\"", true)]
    [SocketWire("event: rest", false)]
    public async Task PayloadOne_HasMapsOrNull(Wire wire, string target, bool isHttpApi)
    {
        await using var folder = new FunctionFolder().Node(
            "export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });");
        await using var gateway = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x", target: target));
        var response = await gateway.AskAsync(
            "PUT /a%20b HTTP/1.1\r\nHost: a.b\r\nX-A: 1\r\nx-a: 2\r\nContent-Type: image/png\r\n"
            + "Content-Length: 2\r\n\r\nhi");
        var seen = JsonDocument.Parse(response.Body).RootElement;
        Assert.Equal(isHttpApi, seen.TryGetProperty("version", out _));
        Assert.Equal("/a%20b", Text(seen, "path"));
        Assert.Equal("/{path+}", Text(seen, "resource"));
        Assert.Equal("PUT", Text(seen, "httpMethod"));
        Assert.Equal("2", Text(seen.GetProperty("headers"), "X-A"));
        Assert.Equal("""["1","2"]""", seen.GetProperty("multiValueHeaders").GetProperty("X-A").GetRawText());
        Assert.Equal(isHttpApi, seen.GetProperty("headers").TryGetProperty("Content-Length", out _));
        Assert.Equal(JsonValueKind.Null, seen.GetProperty("queryStringParameters").ValueKind);
        Assert.Equal(JsonValueKind.Null, seen.GetProperty("multiValueQueryStringParameters").ValueKind);
        Assert.Equal(JsonValueKind.Null, seen.GetProperty("stageVariables").ValueKind);
        Assert.Equal(isHttpApi ? "a b" : "a%20b", Text(seen.GetProperty("pathParameters"), "path"));
        // A REST API without binary media types takes everything for text.
        Assert.Equal(isHttpApi ? "aGk=" : "hi", Text(seen, "body"));
        Assert.Equal(isHttpApi, seen.GetProperty("isBase64Encoded").GetBoolean());
        var agent = seen.GetProperty("requestContext").GetProperty("identity").GetProperty("userAgent");
        Assert.Equal(isHttpApi ? JsonValueKind.String : JsonValueKind.Null, agent.ValueKind);
        Assert.Equal(isHttpApi ? "text/plain; charset=utf-8" : "application/json", response.Field("Content-Type"));
    }

    [Theory]
    [SocketWire("image/png", "image/*", "image/webp, */*", true, true)]
    [SocketWire("IMAGE/PNG; a=b", "image/png", "image/png;q=0.5", true, true)]
    [SocketWire("text/plain", "*/*", "", true, true)]
    [SocketWire("application/json", "image/*", "text/html, image/png", false, false)]
    [SocketWire("imagery/png", "image/*", "image", false, false)]
    public async Task BinaryMediaTypes_DecideWhatIsBase64(
        Wire wire, string type, string binary, string accept, bool isIn, bool isOut)
    {
        await using var folder = new FunctionFolder().Node(
            """
            export const handler = async (event) => ({ statusCode: 200, isBase64Encoded: true, headers: {
              'x-body': encodeURIComponent(event.body), 'x-is': event.isBase64Encoded }, body: 'AP8=' });
            """);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", target: $"event: rest, binaryMediaTypes: [\"{binary}\"]"));
        string accepts = accept.Length == 0 ? "" : $"Accept: {accept}\r\n";
        var response = await gateway.AskAsync(
            $"POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\n{accepts}Content-Length: 3\r\n\r\na\u00ffb");
        // What is no UTF-8 is lost in text, as AWS loses it.
        string seen = isIn ? "Yf9i" : "a%EF%BF%BDb";
        Assert.Equal((isIn ? "true" : "false", seen), (response.Field("x-is"), response.Field("x-body")));
        Assert.Equal(isOut ? [0, 255] : "AP8="u8.ToArray(), response.Body);
    }

    [Theory]
    [SocketWire]
    public async Task PythonHandler_AnswersAndFailsAsLambdas(Wire wire)
    {
        await using var folder = new FunctionFolder().Python(
            """
            def handler(event, context):
                if event.get("fail"):
                    raise Exception("Handler fails")
                if event.get("odd"):
                    return object()
                return {"id": context.aws_request_id, "arn": context.invoked_function_arn,
                        "left": context.get_remaining_time_in_millis() > 0, "echo": event}
            """);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("python3.11", "app.handler", "log: off", Raw));
        var good = JsonDocument.Parse((await PostAsync(gateway, """{"é":[1,null]}""")).Body).RootElement;
        Assert.Equal("arn:aws:lambda:us-east-1:000000000000:function:f", Text(good, "arn"));
        Assert.True(good.GetProperty("left").GetBoolean());
        Assert.True(Guid.TryParse(Text(good, "id"), out _));
        Assert.Equal("""{"é":[1,null]}""", Plain(good.GetProperty("echo")).Replace(" ", ""));
        var thrown = await PostAsync(gateway, """{"fail":true}""");
        Assert.Equal((502, "Unhandled"), (thrown.Status, thrown.Field("X-Amz-Function-Error")));
        var error = JsonDocument.Parse(thrown.Body).RootElement;
        Assert.Equal(("Handler fails", "Exception"), (Text(error, "errorMessage"), Text(error, "errorType")));
        Assert.Contains("app.py", error.GetProperty("stackTrace")[0].GetString(), StringComparison.Ordinal);
        var odd = JsonDocument.Parse((await PostAsync(gateway, """{"odd":true}""")).Body).RootElement;
        Assert.Equal("Runtime.MarshalError", Text(odd, "errorType"));
    }

    [Theory]
    [SocketWire]
    public async Task PlainBashBootstrap_RunsAsItIs(Wire wire)
    {
        await using var folder = new FunctionFolder().Bootstrap(BashBootstrap);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("provided.al2023", "fn.go", "log: off", Raw));
        for (int turn = 0; turn < 3; turn++)
        {
            var response = await PostAsync(gateway, """{"turn":1}""");
            Assert.Equal("""{"handler":"fn.go","event":{"turn":1}}""", response.Text);
        }
    }

    [Theory]
    [SocketWire]
    public async Task CallbacksAndModulesOfBothKinds_Work(Wire wire)
    {
        await using var folder = new FunctionFolder().File(
            "lib/main.js",
            """
            exports.deep = { handler: (event, context, callback) => {
              context.callbackWaitsForEmptyEventLoop = event.waits;
              let done = false;
              setTimeout(() => { done = true; }, 30);
              callback(null, { get done() { return done; } });
            } };
            """);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", "lib/main.deep.handler", target: Raw));
        Assert.Equal("""{"done":true}""", (await PostAsync(gateway, """{"waits":true}""")).Text);
        Assert.Equal("""{"done":false}""", (await PostAsync(gateway, """{"waits":false}""")).Text);
    }

    [Theory]
    [SocketWire("index.mjs", "const w = await Promise.resolve('late'); export const handler = async () => w;", "late")]
    [SocketWire("index.mjs", "export default { handler: async () => typeof require + import.meta.url.slice(0, 8) };",
        "undefinedfile:///")]
    [SocketWire("index.cjs", "exports.handler = async () => typeof require + typeof module;", "functionobject")]
    public async Task ModulesOfNode_AreLoadedAsWhatTheyAre(Wire wire, string file, string code, string answer)
    {
        await using var folder = new FunctionFolder().File(file, code);
        await using var gateway = (HostedGateway)TestGateway.Create(wire);
        await gateway.StartAsync(folder.Yaml("nodejs20.x", more: "log: off", target: Raw));
        Assert.Equal($"\"{answer}\"", (await PostAsync(gateway, "{}")).Text);
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        Assert.DoesNotContain("Warning", await admin.GetStringAsync("/functions/f/logs"), StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task StreamedAnswer_BeginsWithItsPrelude(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(
            """
            export const handler = awslambda.streamifyResponse(async (event, out, context) => {
              const response = awslambda.HttpResponseStream.from(
                out, { statusCode: 202, headers: { 'x-id': context.awsRequestId.length }, cookies: ['a=b'] });
              for (let i = 0; i < 3; i++) { response.write(`${i},`); await new Promise((r) => setTimeout(r, 10)); }
              response.end('end');
            });
            export const broken = awslambda.streamifyResponse(async (event, out) => {
              out.setContentType('text/plain');
              out.write('half');
              await new Promise((r) => setTimeout(r, 30));
              throw new Error('no more');
            });
            """);
        await using (var gateway = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x")))
        {
            var response = await gateway.AskAsync("GET /s HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal((202, "36", "a=b"), (response.Status, response.Field("X-Id"), response.Field("Set-Cookie")));
            Assert.Equal("0,1,2,end", response.Text);
            Assert.Equal("chunked", response.Field("Transfer-Encoding"));
        }
        await using var other = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", "index.broken", "log: off"));
        await using var client = await other.ConnectAsync();
        await client.SendAsync("GET /s HTTP/1.1\r\nHost: a\r\n\r\n");
        string all = await client.ReadToEndAsync();
        Assert.Contains("\r\n4\r\nhalf\r\n", all, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n0\r\n\r\n", all, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task AnswersThatAreNone_AreAwsErrors(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(
            "export const handler = async () => ({ statusCode: 'many' });");
        await using (var http = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x")))
        {
            var response = await http.AskAsync("GET /s HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal((500, """{"message":"Internal Server Error"}"""), (response.Status, response.Text));
        }
        await using var rest = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x", target: "event: rest"));
        var other = await rest.AskAsync("GET /s HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((502, """{"message":"Internal server error"}"""), (other.Status, other.Text));
        Assert.Equal("InternalServerErrorException", other.Field("x-amzn-ErrorType"));
    }

    [Theory]
    [SocketWire]
    public async Task RawBodyThatIsNoJson_IsRefused(Wire wire)
    {
        await using var folder = new FunctionFolder().Node("export const handler = async (event) => event;");
        await using var gateway = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x", target: Raw));
        var response = await PostAsync(gateway, "{\"a\":");
        Assert.Equal(400, response.Status);
        Assert.Equal("InvalidRequestContentException", response.Field("x-amzn-ErrorType"));
    }

    internal const string BashBootstrap =
        """
        #!/bin/bash
        set -eu
        api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
        heads=$(mktemp)
        trap 'rm -f "$heads"' EXIT
        while true; do
          event=$(curl -sS -D "$heads" "$api/next")
          id=$(tr -d '\r' <"$heads" | sed -n 's/^lambda-runtime-aws-request-id: //Ip')
          curl -sS -o /dev/null -d "{\"handler\":\"$_HANDLER\",\"event\":$event}" "$api/$id/response"
        done
        """;

    internal static Task<RawResponse> PostAsync(TestGateway gateway, string body) => gateway.AskAsync(
        $"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n"
        + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(body)));

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static string Plain(JsonElement element) =>
        System.Text.RegularExpressions.Regex.Unescape(element.GetRawText());
}
