using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Explaining;

/// <summary>What POST /explain says is what the gateway then does.</summary>
public sealed class ExplainTests
{
    [Theory]
    [SocketWire]
    public async Task ProxiedRequest_IsExplainedAsItIsSent(Wire wire)
    {
        await using var gateway = new HostedGateway(wire);
        await using var listener = gateway.Listen();
        await gateway.StartAsync(Routes(listener.Url));
        var told = await AskAsync(gateway, "GET", "http://api.example.com/users/./%34%32?x=1", ("Cookie", "a=b"));
        Assert.Equal("/users/42", told.GetProperty("canonicalPath").GetString());
        Assert.Equal("users", told.GetProperty("route").GetString());
        Assert.Equal("42", told.GetProperty("captures").GetProperty("id").GetString());
        Assert.Equal(
            ["rateLimit continue", "headers continue"],
            told.GetProperty("policies").EnumerateArray()
                .Select(each => $"{each.GetProperty("kind")} {each.GetProperty("verdict")}"));
        Assert.Equal(0, listener.Accepted);

        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(
            "GET /users/./%34%32?x=1 HTTP/1.1\r\nHost: api.example.com\r\nCookie: a=b\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        string sent = await upstream.ReadHeadAsync();
        Assert.Equal(Stable(sent), Stable(told.GetProperty("upstreamRequest").GetString()!));
    }

    [Theory]
    [InlineData("GET", "http://api.example.com/beta", "its path /users/{id} does not fit", "chosen", null)]
    [InlineData("GET", "/users/1", "is for host api.example.com", "its path /beta does not fit", 404)]
    [InlineData(
        "POST", "http://api.example.com/users/1", "takes GET only", "its path /beta does not fit", 405)]
    public async Task EachRoute_HasItsReason(string method, string url, string users, string beta, int? status)
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync(Routes("http://127.0.0.1:1"));
        var told = await AskAsync(gateway, method, url);
        Assert.Equal(status, told.TryGetProperty("status", out var found) ? found.GetInt32() : null);
        var reasons = told.GetProperty("routes").EnumerateArray().ToDictionary(
            each => each.GetProperty("route").GetString()!, each => each.GetProperty("why").GetString());
        Assert.Equal((users, beta), (reasons["users"], reasons["beta"]));
    }

    [Fact]
    public async Task RefusedPath_SaysWhy()
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync(Routes("http://127.0.0.1:1"));
        var told = await AskAsync(gateway, "GET", "/a/%00");
        Assert.Equal(400, told.GetProperty("status").GetInt32());
        Assert.False(told.TryGetProperty("canonicalPath", out _));
        Assert.NotEqual("", told.GetProperty("reason").GetString());
        told = await AskAsync(gateway, "GET", "/users/1", ("X-Evil", "a\r\nHost: b"));
        Assert.Equal(400, told.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task UsedUpLimit_IsToldAndNotCharged()
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync(Routes("http://127.0.0.1:1"));
        for (int each = 0; each < 5; each++)
        {
            var told = await AskAsync(gateway, "GET", "http://api.example.com/users/1");
            Assert.False(told.TryGetProperty("status", out _));
        }
        var first = await gateway.AskAsync("GET /users/1 HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
        Assert.NotEqual(429, first.Status);
        var refused = await AskAsync(gateway, "GET", "http://api.example.com/users/1");
        Assert.Equal(429, refused.GetProperty("status").GetInt32());
        Assert.Equal("reply 429", refused.GetProperty("policies")[0].GetProperty("verdict").GetString());
        Assert.False(refused.TryGetProperty("upstreamRequest", out _));
        Assert.Equal(0, gateway.Snapshot.RateLimiters[0].Refused);
    }

    [Theory]
    [InlineData("""{"url":""}""")]
    [InlineData("""{"url":"/a","nope":1}""")]
    [InlineData("""{"url":"/a","headers":{"a":1}}""")]
    [InlineData("""{"url":"/a","client":"somebody"}""")]
    [InlineData("not json")]
    public async Task BodyThatIsNone_Is400(string body)
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync(Routes("http://127.0.0.1:1"));
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(gateway.AdminAddress, "/explain"), new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    private static string Routes(string url) =>
        $$"""
        upstreams: { users: { endpoints: [ "{{url}}" ] } }
        routes:
          - id: users
            match: { hosts: [api.example.com], path: "/users/{id}", methods: [GET] }
            policies: [ { rateLimit: { rate: 1/h } } ]
            headers: { request: { set: { X-Tenant: blue } } }
            to: { upstream: users, rewrite: "/v2/people/{id}" }
          - { id: beta, match: { path: /beta }, to: { mock: { body: beta } } }
        """;

    /// <summary>Without what differs from request to request.</summary>
    private static string[] Stable(string head) =>
    [
        .. head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(line =>
            !line.StartsWith("X-Request-Id:", StringComparison.OrdinalIgnoreCase)
            && !line.StartsWith("traceparent:", StringComparison.OrdinalIgnoreCase)
            && !line.StartsWith("X-Forwarded-Port:", StringComparison.OrdinalIgnoreCase)),
    ];

    private static async Task<JsonElement> AskAsync(
        HostedGateway gateway, string method, string url, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(
            new Uri(gateway.AdminAddress, "/explain"),
            new { method, url, headers = headers.ToDictionary(each => each.Name, each => each.Value) });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
