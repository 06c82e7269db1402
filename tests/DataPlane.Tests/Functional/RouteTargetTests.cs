using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>What a route does with a request: header rules, rewrites, redirects, splits.</summary>
public sealed class RouteTargetTests
{
    [Theory]
    [EveryWire]
    public async Task HeaderRules_ChangeBothDirections(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw(
            "/items/7", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: secret\r\nX-Set: old\r\nX-Add: 1\r\n\r\nok");
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes:
              - match: { path: "/items/{id}" }
                headers:
                  request: { set: { X-Id: "item {id}", Host: "internal" }, add: { X-Add: "2" }, remove: [Cookie] }
                  response: { set: { X-Set: "{id} of {request.path}" }, add: { X-Add: "2" }, remove: [Server] }
                to: { upstream: up }
            """);
        var response = await gateway.AskAsync(
            "GET /items/7 HTTP/1.1\r\nHost: a\r\nX-Id: spoofed\r\nX-Add: 1\r\nCookie: a=1\r\n\r\n");
        var received = Assert.Single(upstream.Requests);
        Assert.Equal("item 7", received.Header("X-Id"));
        Assert.Equal("internal", received.Header("Host"));
        Assert.Equal("1, 2", received.Header("X-Add"));
        Assert.Null(received.Header("Cookie"));
        Assert.Equal("7 of /items/7", response.Field("X-Set"));
        Assert.Equal("1, 2", response.Field("X-Add"));
        Assert.Null(response.Field("Server"));
    }

    [Theory]
    [EveryWire("/v1/a%20b/c", "/v2/a%20b?from=/v1/a%20b/c")]
    [EveryWire("/v1/a|b;p=1/c", "/v2/a%7Cb?from=/v1/a%7Cb/c")]
    [EveryWire("/v1/%41/c?x=1", "/v2/A?from=/v1/A/c")]
    public async Task RewriteWithQuery_EncodesWhatItQuotes(Wire wire, string target, string expected)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await RewritingAsync(wire, upstream.Url, "/v2/{id}?from={request.path}");
        await gateway.AskAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(expected, Assert.Single(upstream.Requests).Target);
    }

    [Theory]
    [EveryWire("/v1/x/c", "/v2/x")]
    [EveryWire("/v1/x/c?a=%2F&b", "/v2/x?a=%2F&b")]
    [EveryWire("/v1/x/c?", "/v2/x?")]
    public async Task RewriteWithoutQuery_KeepsTheClientsOwn(Wire wire, string target, string expected)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await RewritingAsync(wire, upstream.Url, "/v2/{id}");
        await gateway.AskAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(expected, Assert.Single(upstream.Requests).Target);
    }

    [Theory]
    [SocketWire("a", 0)]
    [SocketWire("a", 90)]
    [SocketWire("long", 40)]
    public async Task RewriteOfEverySize_FitsTheUpstreamsHead(Wire wire, string host, int fieldCount)
    {
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            forwarding: { headers: both, via: true }
            upstreams: { up: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes:
              - { match: { path: "/v1/{id}/c" }, to: { upstream: up, rewrite: "/{id}{id}{id}/{id}" } }
              - { match: { path: "/{path+}" }, to: { upstream: up } }
            """);
        await using var client = await gateway.ConnectAsync();
        if (host == "long") host = string.Join('.', Enumerable.Repeat(new string('h', 60), 4));
        // Fields that grow when they are written again, and characters that do when they are encoded.
        string fields = string.Concat(Enumerable.Range(0, fieldCount).Select(each => $"F{each}:x\r\n"));
        for (int size = 1; size < 2400; size += 3)
        {
            string path = $"{(size % 2 == 0 ? "/v1" : "")}/{new string('|', size)}/c";
            await client.SendAsync(
                $"GET {path} HTTP/1.1\r\nHost:{host}\r\nX-Request-Id:{new string('i', 128)}\r\n{fields}\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
    }

    [Theory]
    [EveryWire("/old/a%20b|c?q=1", "301 Moved Permanently", "https://new.example/to/a%20b%7Cc?q=1")]
    [EveryWire("/old/x", "301 Moved Permanently", "https://new.example/to/x?")]
    public async Task Redirect_QuotesTheRequest(Wire wire, string target, string status, string location)
    {
        await using var gateway = await TestGateway.StartAsync(
            wire,
            """
            routes:
              - match: { path: "/old/{rest+}" }
                to: { redirect: { status: 301, location: "https://new.example/to/{rest}?{request.query}" } }
            """);
        var response = await gateway.AskAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("HTTP/1.1 " + status, response.StatusLine);
        Assert.Equal(location, response.Field("Location"));
        Assert.Equal("0", response.Field("Content-Length"));
    }

    [Theory]
    [EveryWire]
    public async Task Split_FollowsItsWeights(Wire wire)
    {
        await using var many = FakeUpstream.Start();
        await using var few = FakeUpstream.Start();
        await using var never = FakeUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams:
              many: { endpoints: [ { url: "{{many.Url}}" } ] }
              few: { endpoints: [ { url: "{{few.Url}}" } ] }
              never: { endpoints: [ { url: "{{never.Url}}" } ] }
            routes:
              - match: { path: /x }
                to:
                  split:
                    - { weight: 3, upstream: many }
                    - { weight: 0, upstream: never }
                    - { weight: 1, upstream: few, rewrite: /y }
            """);
        await using var client = await gateway.ConnectAsync();
        const int requests = 400;
        for (int each = 0; each < requests; each++)
        {
            await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(requests, many.RequestCount + few.RequestCount);
        // Seven standard deviations around 100.
        Assert.InRange(few.RequestCount, 40, 160);
        Assert.Equal(0, never.RequestCount);
        Assert.All(few.Requests, request => Assert.Equal("/y", request.Target));
    }

    [Theory]
    [EveryWire("keep", "/files/a%2Fb", 200)]
    [EveryWire("reject", "/files/a%2Fb", 400)]
    public async Task EncodedSlash_IsTheRoutesChoice(Wire wire, string choice, string target, int status)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes: [ { match: { path: "/files/{name}" }, encodedSlash: {{choice}}, to: { upstream: up } } ]
            """);
        Assert.Equal(status, (await gateway.AskAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        Assert.Equal(status == 200 ? target : "", string.Concat(upstream.Requests.Select(request => request.Target)));
    }

    [Theory]
    [EveryWire]
    public async Task BodyLimitOfARoute_ReplacesTheGeneralOne(Wire wire)
    {
        await using var gateway = await TestGateway.StartAsync(
            wire,
            """
            limits: { requestBodyBytes: 10 }
            routes:
              - { match: { path: /small }, to: { mock: { body: x } } }
              - { match: { path: /large }, requestBodyBytes: 20, to: { mock: { body: x } } }
            """);
        string Post(string path) => $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n012345678901234";
        Assert.Equal(413, (await gateway.AskAsync(Post("/small"))).Status);
        Assert.Equal(200, (await gateway.AskAsync(Post("/large"))).Status);
    }

    private static Task<TestGateway> RewritingAsync(Wire wire, string url, string rewrite) => TestGateway.StartAsync(
        wire,
        $$"""
        upstreams: { up: { endpoints: [ { url: "{{url}}" } ] } }
        routes: [ { match: { path: "/v1/{id}/c" }, to: { upstream: up, rewrite: "{{rewrite}}" } } ]
        """);
}
