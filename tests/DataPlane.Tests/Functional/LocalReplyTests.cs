using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>Replies the gateway makes itself, byte for byte.</summary>
public sealed class LocalReplyTests
{
    private const string Routes =
        """
        limits: { requestBodyBytes: 1KiB, requestHeadBytes: 2KiB, requestLineBytes: 512, requestHeaderCount: 10 }
        upstreams: { down: { endpoints: [ { url: "http://127.0.0.1:1" } ] } }
        routes:
          - { id: mock, match: { path: /mock, methods: [GET, POST] }, to: { mock: { body: mocked } } }
          - { id: down, match: { path: /down }, to: { upstream: down } }
        """;

    [Theory]
    [EveryWire("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found", "No route matches this host and path.", "")]
    [EveryWire("PUT /mock HTTP/1.1\r\nHost: a\r\n\r\n", "405 Method Not Allowed",
        "The path exists, but not for this method; Allow lists those it has.", "Allow: GET, HEAD, POST\r\n")]
    [EveryWire("GET /a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found", "No route matches this host and path.", "")]
    [EveryWire("POST /mock HTTP/1.1\r\nHost: a\r\nContent-Length: 1025\r\nConnection: close\r\n\r\n",
        "413 Content Too Large", "The request body is larger than this route takes.", "")]
    [EveryWire("GET /down HTTP/1.1\r\nHost: a\r\n\r\n", "503 Service Unavailable",
        "The upstream refused the connection.", "Retry-After: 1\r\n")]
    public async Task RequestThatCannotBeServed_IsAnsweredByProblemDocument(
        Wire wire, string request, string status, string detail, string extra)
    {
        await using var gateway = await TestGateway.StartAsync(wire, Routes);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(request.Replace("Host: a\r\n", "Host: a\r\nX-Request-Id: id-1\r\n"));
        var reply = await client.ReadResponseAsync();
        string body = Problem(status, detail);
        string allow = extra.StartsWith("Allow", StringComparison.Ordinal) ? extra : "";
        string retry = extra.StartsWith("Retry", StringComparison.Ordinal) ? extra : "";
        string close = request.Contains("Connection: close") ? "Connection: close\r\n" : "";
        Assert.Equal(
            $"HTTP/1.1 {status}\r\nDate: *\r\nContent-Type: application/problem+json\r\n{retry}{allow}" +
            $"Content-Length: {body.Length}\r\n{close}\r\n",
            reply.HeadWithoutDate);
        Assert.Equal(body, reply.Text);
    }

    [Theory]
    [EveryWire("GET / HTTP/1.1\r\n\r\n", "400 Bad Request")]
    [EveryWire("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: id-1\r\nBad Name: x\r\n\r\n", "400 Bad Request")]
    [EveryWire("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: id-1\nX: y\r\n\r\n", "400 Bad Request")]
    [EveryWire(
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad Request")]
    [EveryWire("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", "400 Bad Request")]
    [EveryWire("GET /a%00b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "400 Bad Request")]
    [EveryWire("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", "417 Expectation Failed")]
    [EveryWire("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported")]
    [EveryWire("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "501 Not Implemented")]
    public async Task HeadThatIsRefused_IsAnsweredAndClosed(Wire wire, string request, string status)
    {
        await using var gateway = await TestGateway.StartAsync(wire, Routes);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(request);
        var reply = await client.ReadResponseAsync();
        Assert.Equal("HTTP/1.1 " + status, reply.StatusLine);
        Assert.True(reply.Closes);
        Assert.Equal("application/problem+json", reply.Field("Content-Type"));
        Assert.Contains($"\"status\":{status[..3]},", reply.Text);
        Assert.Matches("\"requestId\":\"[^\"]+\"}$", reply.Text);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [EveryWire(414, "/x")]
    [EveryWire(431, "/")]
    public async Task HeadThatIsTooLarge_IsRefused(Wire wire, int status, string path)
    {
        await using var gateway = await TestGateway.StartAsync(wire, Routes);
        string line = status == 414 ? path + new string('x', 600) : path;
        string field = status == 431 ? $"X: {new string('y', 3000)}\r\n" : "";
        var reply = await gateway.AskAsync($"GET {line} HTTP/1.1\r\nHost: a\r\n{field}\r\n");
        Assert.Equal(status, reply.Status);
        Assert.True(reply.Closes);
    }

    [Theory]
    [EveryWire]
    public async Task TooManyFields_AreRefused(Wire wire)
    {
        await using var gateway = await TestGateway.StartAsync(wire, Routes);
        string fields = string.Concat(Enumerable.Range(0, 11).Select(each => $"X-{each}: y\r\n"));
        var reply = await gateway.AskAsync($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        Assert.Equal(431, reply.Status);
    }

    [Theory]
    [EveryWire("/mock", 200)]
    [EveryWire("/nowhere", 404)]
    public async Task Head_IsAnsweredLikeGetWithoutBody(Wire wire, string path, int status)
    {
        await using var gateway = await TestGateway.StartAsync(wire, Routes);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"HEAD {path} HTTP/1.1\r\nHost: a\r\nX-Request-Id: i\r\n\r\n");
        var head = await client.ReadResponseAsync(toHead: true);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: a\r\nX-Request-Id: i\r\n\r\n");
        var full = await client.ReadResponseAsync();
        Assert.Equal(status, head.Status);
        Assert.Equal(full.HeadWithoutDate, head.HeadWithoutDate);
        Assert.NotEmpty(full.Body);
    }

    [Theory]
    [EveryWire]
    public async Task OptionsOfTheServer_AreAnsweredByTheGateway(Wire wire)
    {
        await using var gateway = await TestGateway.StartAsync(wire, Routes);
        var reply = await gateway.AskAsync("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(200, reply.Status);
        Assert.Contains("OPTIONS", reply.Field("Allow"));
        Assert.Equal("0", reply.Field("Content-Length"));
    }

    [Theory]
    [EveryWire]
    public async Task RequestIdThatWasNotSent_IsMade(Wire wire)
    {
        await using var gateway = await TestGateway.StartAsync(wire, Routes);
        var reply = await gateway.AskAsync("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Matches("\"requestId\":\"[0-9a-f]{32}\"}$", reply.Text);
    }

    private static string Problem(string status, string detail) =>
        $"{{\"type\":\"about:blank\",\"title\":\"{status[4..]}\",\"status\":{status[..3]},\"detail\":\"{detail}\"," +
        "\"requestId\":\"id-1\"}";

    [Theory]
    [EveryWire]
    public async Task LargeMock_IsSentAsItIsRead(Wire wire)
    {
        string body = string.Concat(Enumerable.Range(0, 40_000).Select(each => $"{each:D10}"));
        await using var gateway = await TestGateway.StartAsync(
            wire, $$"""routes: [ { match: { path: /large }, to: { mock: { body: "x{{body}}" } } } ]""");
        await using var slow = await gateway.ConnectAsync();
        await slow.SendAsync("GET /large HTTP/1.1\r\nHost: a\r\n\r\nHEAD /large HTTP/1.1\r\nHost: a\r\n\r\n");
        var answer = await slow.ReadResponseAsync();
        Assert.Equal($"x{body}", answer.Text);
        Assert.Equal("400001", (await slow.ReadResponseAsync(toHead: true)).Field("Content-Length"));
    }
}
