using System.Text;
using System.Text.Json.Nodes;
using DataPlane.Tests.Config;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Lambda;

/// <summary>Functions as targets of a load balancer (<c>event: alb</c>).</summary>
public sealed class LoadBalancerEventTests
{
    /// <summary>Tells its event in the body, or answers what the path says.</summary>
    private const string Code =
        """
        export const handler = async (event) => {
          switch (event.path) {
            case '/plain': return 'text';
            case '/status': return { body: 'without a status' };
            case '/list': return [1];
            case '/throw': throw new Error('no');
            case '/both': return { statusCode: 201, statusDescription: '201 Created', other: 1,
              headers: { 'x-One': 'single', 'Content-Type': 'a/b' },
              multiValueHeaders: { 'x-One': ['first', 'second'], 'Content-Type': ['c/d'] }, body: 'both' };
            case '/binary': return { statusCode: '200', body: 'AP8=', isBase64Encoded: true };
            default: return { statusCode: 200, body: JSON.stringify(event) };
          }
        };
        """;

    [Theory]
    [SocketWire]
    public async Task SingleValues_TheLastCounts_AndNothingIsDecoded(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x", target: "event: alb"));
        var response = await gateway.AskAsync(
            "POST /a%20b/c?x=1&x=%202+3&y HTTP/1.1\r\nHost: lb.example\r\nX-One: 1\r\nx-one: 2\r\nAccept: */*\r\n"
            + "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
        Assert.Equal((200, "application/octet-stream"), (response.Status, response.Field("Content-Type")));
        var told = JsonNode.Parse(response.Text)!.AsObject();
        Assert.Equal(
            ["requestContext", "httpMethod", "path", "queryStringParameters", "headers", "body", "isBase64Encoded"],
            told.Select(each => each.Key));
        Assert.Matches(
            "^arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/f/[0-9a-f]{16}$",
            (string?)told["requestContext"]!["elb"]!["targetGroupArn"]);
        Assert.Equal("POST /a%20b/c", $"{told["httpMethod"]} {told["path"]}");
        Assert.Equal("""{"x":"%202+3","y":""}""", Plain(told["queryStringParameters"]!));
        var headers = told["headers"]!.AsObject();
        Assert.Equal(headers.Select(each => each.Key), headers.Select(each => each.Key.ToLowerInvariant()));
        Assert.Equal("lb.example 2", $"{headers["host"]} {headers["x-one"]}");
        Assert.Equal("127.0.0.1 http", $"{headers["x-forwarded-for"]} {headers["x-forwarded-proto"]}");
        Assert.Equal("""{"a":1} false""", $"{told["body"]} {Plain(told["isBase64Encoded"]!)}");
    }

    [Theory]
    [SocketWire]
    public async Task MultipleValues_AreLists(Wire wire)
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", target: "event: alb, multiValueHeaders: true"));
        var told = JsonNode.Parse((await gateway.AskAsync(
            "GET /a?x=1&x=2 HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-one: 2\r\n\r\n")).Text)!.AsObject();
        Assert.False(told.ContainsKey("headers") || told.ContainsKey("queryStringParameters"));
        Assert.Equal("""{"x":["1","2"]}""", Plain(told["multiValueQueryStringParameters"]!));
        Assert.Equal("""["1","2"]""", Plain(told["multiValueHeaders"]!["x-one"]!));
        Assert.Equal("", (string?)told["body"]);
    }

    [Theory]
    [SocketWire("text/css; charset=utf-8", "", false)]
    [SocketWire("application/xml", "", false)]
    [SocketWire("APPLICATION/JavaScript", "", false)]
    [SocketWire("application/problem+json", "", true)]
    [SocketWire("text/plain", "Content-Encoding: gzip\r\n", true)]
    [SocketWire("", "", true)]
    public async Task Bodies_AreTextOrBase64(Wire wire, string type, string more, bool isBase64)
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x", target: "event: alb"));
        string fields = (type.Length == 0 ? "" : $"Content-Type: {type}\r\n") + more;
        var told = JsonNode.Parse((await gateway.AskAsync(
            $"POST /x HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: 3\r\n\r\nabc")).Text)!;
        string body = isBase64 ? Convert.ToBase64String(Encoding.ASCII.GetBytes("abc")) : "abc";
        Assert.Equal((isBase64, body), ((bool)told["isBase64Encoded"]!, (string?)told["body"]));
    }

    [Theory]
    [SocketWire(false, "single", "a/b")]
    [SocketWire(true, "first, second", "c/d")]
    public async Task Answer_IsReadFromOneKindOfValues(Wire wire, bool isMultiple, string value, string type)
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = await TestGateway.StartAsync(
            wire, folder.Yaml("nodejs20.x", target: "event: alb" + (isMultiple ? ", multiValueHeaders: true" : "")));
        var both = await gateway.AskAsync("GET /both HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((201, "both", type), (both.Status, both.Text, both.Field("Content-Type")));
        const string Name = "x-One: ";
        Assert.Equal(value, string.Join(", ", both.Head.Split("\r\n")
            .Where(line => line.StartsWith(Name, StringComparison.Ordinal)).Select(line => line[Name.Length..])));
        Assert.Equal(
            [0, 255], (await gateway.AskAsync("GET /binary HTTP/1.1\r\nHost: a\r\n\r\n")).Body);
    }

    [Theory]
    [SocketWire("plain")]
    [SocketWire("status")]
    [SocketWire("list")]
    [SocketWire("throw")]
    public async Task AnswerThatIsNone_IsTheLoadBalancersPage(Wire wire, string path)
    {
        await using var folder = new FunctionFolder().Node(Code);
        await using var gateway = await TestGateway.StartAsync(wire, folder.Yaml("nodejs20.x", target: "event: alb"));
        var response = await gateway.AskAsync($"GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((502, "text/html"), (response.Status, response.Field("Content-Type")));
        Assert.Contains("<center><h1>502 Bad Gateway</h1></center>", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void MultiValueHeaders_AreOfLoadBalancersOnly() => ConfigText.Fails(
        """
        functions: { f: { runtime: nodejs20.x, code: /c, handler: index.h } }
        routes:
          - { match: { path: /a }, to: { function: f, event: rest, multiValueHeaders: true } }
        """,
        "g.yaml:3:79: routes[0].to.multiValueHeaders: is a setting of load balancers; write event: alb, or remove it");

    private static string Plain(JsonNode node) => node.ToJsonString(new System.Text.Json.JsonSerializerOptions
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
