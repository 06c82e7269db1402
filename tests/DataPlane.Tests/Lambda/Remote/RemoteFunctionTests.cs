using System.Text;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda.Remote;

/// <summary>What goes to an Invoke API and how its answers are taken; the test plays the service.</summary>
public sealed class RemoteFunctionTests
{
    private const string Keys = "credentials: { accessKey: AKIDTEST, secretKey: secret, sessionToken: token }";
    private const string Throttled =
        """{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}""";

    [Theory]
    [SocketWire]
    public async Task Request_IsASignedInvoke(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, $"qualifier: live, region: eu-west-1, {Keys}, "
            + "clientContext: '{\"custom\":{\"a\":\"b\"}}', log: gateway"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Post("""{"a":1}"""));
        await using var peer = await service.AcceptAsync();
        var request = await peer.ReadRequestAsync();
        Assert.Equal("POST /2015-03-31/functions/f/invocations?Qualifier=live HTTP/1.1", request.StatusLine);
        Assert.Equal("""{"a":1}""", request.Text);
        Assert.Equal(service.Url["http://".Length..], request.Field("Host"));
        Assert.Equal("application/json", request.Field("Content-Type"));
        Assert.Equal("Tail", request.Field("X-Amz-Log-Type"));
        Assert.Equal("token", request.Field("X-Amz-Security-Token"));
        Assert.Equal("""{"custom":{"a":"b"}}""",
            Encoding.UTF8.GetString(Convert.FromBase64String(request.Field("X-Amz-Client-Context")!)));
        Assert.Matches("^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$",
            request.Field("X-Amzn-Trace-Id"));
        Assert.DoesNotContain("Parent=0000000000000000", request.Field("X-Amzn-Trace-Id"), StringComparison.Ordinal);
        Assert.Matches(
            "^AWS4-HMAC-SHA256 Credential=AKIDTEST/[0-9]{8}/eu-west-1/lambda/aws4_request, SignedHeaders="
                + "content-type;host;x-amz-client-context;x-amz-date;x-amz-log-type;x-amz-security-token, "
                + "Signature=[0-9a-f]{64}$",
            request.Field("Authorization"));
        await peer.SendAsync(Answer("""{"b":2}"""));
        var response = await client.ReadResponseAsync();
        Assert.Equal((200, """{"b":2}"""), (response.Status, response.Text));
    }

    [Theory]
    [SocketWire]
    public async Task Connection_IsUsedAgain_AndAnAnswerToHeadHasABodyThere(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, "credentials: none", "\"2.0\""));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var peer = await service.AcceptAsync();
        var request = await peer.ReadRequestAsync();
        Assert.Null(request.Field("Authorization"));
        Assert.Contains("\"method\":\"HEAD\"", request.Text, StringComparison.Ordinal);
        await peer.SendAsync(Answer("""{"statusCode":201,"body":"hello"}"""));
        var head = await client.ReadResponseAsync(toHead: true);
        Assert.Equal((201, "5"), (head.Status, head.Field("Content-Length")));
        await client.SendAsync("GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
        await peer.ReadRequestAsync();
        string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\n{\"b\r\n10\r\nody\":\"in pieces\"\r\n19\r\n,\"statusCode\":202       }\r\n0\r\n\r\n";
        foreach (string piece in chunked.Chunk(5).Select(each => new string(each))) await peer.SendAsync(piece);
        var response = await client.ReadResponseAsync();
        Assert.Equal((202, "in pieces"), (response.Status, response.Text));
        Assert.Equal(1, service.Accepted);
    }

    [Theory]
    [SocketWire("raw", 502, """{"errorType":"Error","errorMessage":"no"}""")]
    [SocketWire("\"2.0\"", 500, """{"message":"Internal Server Error"}""")]
    [SocketWire("rest", 502, """{"message":"Internal server error"}""")]
    public async Task FunctionError_IsToldAsOfAHostedFunction(Wire wire, string format, int status, string body)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, Keys, format));
        await using var peers = gateway.Own(new PeerService(
            service, Answer("""{"errorType":"Error","errorMessage":"no"}""", "X-Amz-Function-Error: Unhandled\r\n")));
        var response = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((status, body), (response.Status, response.Text));
        Assert.Equal(format == "raw" ? "Unhandled" : null, response.Field("X-Amz-Function-Error"));
    }

    [Theory]
    [SocketWire]
    public async Task Throttled_IsAskedAgain_AndToldWhenItStaysSo(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, Keys));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Post("""{"a":1}"""));
        await using var peer = await service.AcceptAsync();
        await peer.ReadRequestAsync();
        await peer.SendAsync(Answer(Throttled, status: 429));
        Assert.Equal("""{"a":1}""", (await peer.ReadRequestAsync()).Text);
        await peer.SendAsync(Answer("7"));
        Assert.Equal("7", (await client.ReadResponseAsync()).Text);
        await client.SendAsync(Post("""{"a":2}"""));
        for (int turn = 0; turn < 3; turn++)
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync(Answer(Throttled, status: 429));
        }
        var response = await client.ReadResponseAsync();
        Assert.Equal((429, Throttled), (response.Status, response.Text));
        Assert.Equal("TooManyRequestsException", response.Field("x-amzn-ErrorType"));
        Assert.Equal(1, service.Accepted);
    }

    [Theory]
    [SocketWire(404, "ResourceNotFoundException")]
    [SocketWire(403, "AccessDeniedException")]
    [SocketWire(500, "ServiceException")]
    public async Task Refusal_IsLoggedAndToldAsAnInternalError(Wire wire, int status, string type)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, Keys, "rest"));
        await using var peers = gateway.Own(new PeerService(
            service, Answer($$"""{"Type":"{{type}}","Message":"why"}""", status: status)));
        var response = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((502, """{"message":"Internal server error"}"""), (response.Status, response.Text));
        string line = Assert.Single(await gateway.TakeLoggedAsync());
        Assert.Contains($"Function f was refused with {status}: {type}: why", line, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task Queued_IsAnEventThere(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, Keys, "raw, invoke: event"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Post("{}"));
        await using var peer = await service.AcceptAsync();
        Assert.Equal("Event", (await peer.ReadRequestAsync()).Field("X-Amz-Invocation-Type"));
        await peer.SendAsync(Answer("", status: 202));
        Assert.Equal(202, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task NoAnswerInTime_IsATimeout(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, Keys + ", timeout: 50ms"));
        await using var peers = gateway.Own(new PeerService(service, answer: null));
        var response = await gateway.AskAsync(Post("{}"));
        Assert.Equal(504, response.Status);
    }

    [Theory]
    [SocketWire("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", 502)]
    [SocketWire("nonsense\r\n\r\n", 502)]
    [SocketWire("HTTP/1.1 200 OK\r\nContent-Length: 6291557\r\n\r\n", 502)]
    public async Task BrokenAnswer_IsABadGateway(Wire wire, string answer, int status)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, Keys));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Post("{}"));
        await using (var peer = await service.AcceptAsync())
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync(answer);
            if (answer.Contains("6291557", StringComparison.Ordinal))
                await peer.SendAsync(new byte[6_291_557]);
        }
        Assert.Equal(status, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task ClientThatLeaves_LeavesNothingBehind(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, Keys));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Post("{}"));
        await using var peer = await service.AcceptAsync();
        await peer.ReadRequestAsync();
        await client.ResetAsync();
        Assert.Equal("", await peer.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task ProfileThatIsNot_IsLoggedAndNothingIsSent(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, "credentials: { profile: no-such-profile-here }", "\"2.0\""));
        var response = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((500, """{"message":"Internal Server Error"}"""), (response.Status, response.Text));
        string told = Assert.Single(await gateway.TakeLoggedAsync());
        Assert.Contains("no-such-profile-here", told, StringComparison.Ordinal);
        Assert.Equal(0, service.Accepted);
    }

    [LinuxFact]
    public async Task List_HasFunctionsElsewhere()
    {
        await using var gateway = (HostedGateway)TestGateway.Create(Wire.Epoll);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url, "credentials: none, timeout: 7s"));
        var asked = gateway.AskAsync(Post("{}"));
        await using var peer = await service.AcceptAsync();
        await peer.ReadRequestAsync();
        await peer.SendAsync(Answer("1", "X-Amz-Function-Error: Unhandled\r\n"));
        await asked;
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        using var list = JsonDocument.Parse(await admin.GetStringAsync("/functions"));
        var f = Assert.Single(list.RootElement.EnumerateArray());
        Assert.Equal(
            ("f", "lambda", "f", "lambda:" + service.Url["http://".Length..], 7, 1, 1),
            (f.GetProperty("name").GetString(), f.GetProperty("runtime").GetString(),
                f.GetProperty("lambda").GetString(), f.GetProperty("upstream").GetString(),
                f.GetProperty("timeoutSeconds").GetInt32(), f.GetProperty("invocations").GetInt32(),
                f.GetProperty("errors").GetInt32()));
        Assert.Empty(f.GetProperty("environments").EnumerateArray());
    }

    internal static string Yaml(string url, string more, string format = "raw", string function = "f") =>
        $$"""
        functions:
          f: { lambda: "{{url}}/2015-03-31/functions/{{function}}/invocations", {{more}} }
        routes:
          - { id: f, match: { path: "/{path+}" }, to: { function: f, event: {{format}} } }
        """;

    internal static string Post(string body) =>
        $"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    internal static string Answer(string body, string fields = "", int status = 200) =>
        $"HTTP/1.1 {status} Some\r\n{fields}Content-Length: {body.Length}\r\n\r\n{body}";
}
