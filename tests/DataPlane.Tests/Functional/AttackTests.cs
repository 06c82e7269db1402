using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Vectors;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>
/// Attacks on the running gateway that are more than one malformed message; docs/security.md lists them by class. What
/// matters is what arrives at the other side.
/// </summary>
public sealed class AttackTests
{
    private const string Mock = "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n";

    private const string LastMock = "GET /mock HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    /// <summary>A second request, which must stay the body it was sent as.</summary>
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    // Hop-by-hop abuse: what a client names in Connection is taken away from the upstream.
    [Theory]
    [EveryWire("Host")]
    [EveryWire("Content-Length")]
    [EveryWire("Transfer-Encoding")]
    [EveryWire("Authorization")]
    [EveryWire("Cookie")]
    [EveryWire("X-Forwarded-For")]
    [EveryWire("X-Forwarded-Proto")]
    [EveryWire("X-Forwarded-Host")]
    [EveryWire("Forwarded")]
    [EveryWire("X-Real-IP")]
    [EveryWire("X-Request-Id")]
    [EveryWire("traceparent")]
    public async Task ProtectedFieldNamedByConnection_Arrives(Wire wire, string name)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(
            wire, upstream.Url, "forwarding: { trustedProxies: [127.0.0.0/8], headers: both }");
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        string framing = name == "Transfer-Encoding" ? "Transfer-Encoding: chunked" : "Content-Length: 2";
        string body = name == "Transfer-Encoding" ? "2\r\nok\r\n0\r\n\r\n" : "ok";
        var response = await gateway.AskAsync(
            $"POST /x HTTP/1.1\r\nHost: a\r\nConnection: {name}\r\nAuthorization: b\r\nCookie: c=1\r\n" +
            "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: h\r\n" +
            $"Forwarded: for=192.0.2.1\r\nX-Real-IP: 192.0.2.1\r\nX-Request-Id: id\r\ntraceparent: {trace}\r\n" +
            $"{framing}\r\n\r\n{body}");
        Assert.Equal(200, response.Status);
        var received = Assert.Single(upstream.Requests);
        Assert.NotNull(received.Header(name));
        Assert.Equal("ok", System.Text.Encoding.ASCII.GetString(received.Body));
    }

    [Theory]
    [EveryWire("X_Forwarded_For")]
    [EveryWire("X_Forwarded-Proto")]
    [EveryWire("x-forwarded_host")]
    [EveryWire("X_REAL_IP")]
    [EveryWire("X_Forwarded_Port")]
    public async Task ForwardedFieldUnderAnAlias_StaysHere(Wire wire, string alias)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(
            wire, upstream.Url, "forwarding: { trustedProxies: [127.0.0.0/8], headers: both }");
        await gateway.AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\n{alias}: spoofed\r\n\r\n");
        var received = Assert.Single(upstream.Requests);
        Assert.DoesNotContain(received.Headers, field => field.Key.Contains('_') || field.Value == "spoofed");
    }

    [Theory]
    [EveryWire("X_User")]
    [EveryWire("x-user")]
    [EveryWire("X_Secret")]
    public async Task FieldTheRouteSetsOrRemoves_HasNoSpellingOfTheClients(Wire wire, string spelling)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes:
              - match: { path: "/{path+}" }
                headers: { request: { set: { X-User: nobody }, remove: [X-Secret] } }
                to: { upstream: up }
            """);
        await gateway.AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\n{spelling}: admin\r\n\r\n");
        Assert.DoesNotContain(Assert.Single(upstream.Requests).Headers, field => field.Value == "admin");
    }

    // Injection through what a template captures: the path's escapes are decoded by nobody on the way into a field.
    [Theory]
    [EveryWire("%0d%0aX-Evil:%201", 400)]
    [EveryWire("%0aX-Evil:%201", 400)]
    [EveryWire("a%00b", 400)]
    [EveryWire("a%7fb", 400)]
    [EveryWire("a%e5%98%8d%e5%98%8ab", 200)]
    [EveryWire("a%250d%250aX-Evil:%201", 200)]
    [EveryWire("a%22%3cb%3e", 200)]
    public async Task LineEndsInACapture_WriteNoLine(Wire wire, string captured, int status)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes:
              - match: { path: "/users/{id}" }
                headers:
                  request: { set: { X-User: "user {id}" } }
                  response: { set: { X-User: "user {id}" } }
                to: { upstream: up, rewrite: "/v2/{id}?user={id}" }
              - match: { path: "/old/{id}" }
                to: { redirect: { location: "https://b.example/{id}?{request.query}" } }
            """);
        foreach (string path in (string[])[$"/users/{captured}", $"/old/{captured}?x={captured}"])
        {
            var response = await gateway.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(status == 200 && path[1] == 'o' ? 308 : status, response.Status);
            Assert.Null(response.Field("X-Evil"));
        }
        Assert.Empty(upstream.Violations);
        Assert.DoesNotContain(upstream.Requests, each =>
            System.Text.Encoding.Latin1.GetString(each).Contains("\r\nX-Evil", StringComparison.Ordinal));
    }

    // A body that some server would not read: it is the body, whatever the method.
    [Theory]
    [EveryWire("GET")]
    [EveryWire("HEAD")]
    [EveryWire("OPTIONS")]
    [EveryWire("DELETE")]
    [EveryWire("POST")]
    public async Task BodyThatLooksLikeARequest_StaysABody(Wire wire, string method)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        foreach (string path in (string[])["/x", "/mock"])
        {
            string framed = $"Content-Length: {Smuggled.Length}\r\n\r\n{Smuggled}";
            string chunked = $"Transfer-Encoding: chunked\r\n\r\n{Smuggled.Length:x}\r\n{Smuggled}\r\n0\r\n\r\n";
            foreach (string body in (string[])[framed, chunked])
            {
                await using var peer = await gateway.ConnectAsync();
                await peer.SendAsync($"{method} {path} HTTP/1.1\r\nHost: a\r\n{body}{LastMock}");
                var statuses = StrictResponses.Statuses(await peer.ReadToEndAsync(), toHead: method == "HEAD");
                if (method != "HEAD") Assert.InRange(statuses!.Length, 1, 2);
            }
        }
        Assert.Empty(upstream.Violations);
        Assert.Equal(2, upstream.Requests.Count);
        Assert.All(upstream.Requests, each => Assert.StartsWith(
            $"{method} /x ", System.Text.Encoding.Latin1.GetString(each), StringComparison.Ordinal));
    }

    [Theory]
    [EveryWire("100-continue, 100-continue", 417)]
    [EveryWire("100-continuex", 417)]
    [EveryWire(" 100-continue x", 417)]
    [EveryWire("y 100-continue", 417)]
    [EveryWire("\u000b100-continue", 400)]
    [EveryWire("100-Continue", 200)]
    public async Task Expectation_IsExactOrRefused(Wire wire, string expectation, int status)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(
            $"POST /x HTTP/1.1\r\nHost: a\r\nExpect:{expectation}\r\nContent-Length: {Smuggled.Length}\r\n" +
            $"Connection: close\r\n\r\n{Smuggled}");
        int[] statuses = StrictResponses.Statuses(await client.ReadToEndAsync())!;
        Assert.Equal(status, statuses[^1]);
        Assert.Equal(status == 200 ? 1 : 0, upstream.Requests.Count);
        Assert.Empty(upstream.Violations);
    }

    // An upstream that splits its response: what it sends behind is nobody's answer.
    [Theory]
    [EveryWire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    [EveryWire("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    [EveryWire("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil")]
    [EveryWire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nevil")]
    public async Task BytesBehindAResponse_ReachNobody(Wire wire, string answer)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", answer);
        upstream.AnswerRaw("/y", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        for (int each = 0; each < 5; each++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
            var first = await client.ReadResponseAsync();
            Assert.DoesNotContain("evil", first.Text, StringComparison.Ordinal);
            await client.SendAsync("GET /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            Assert.Equal("good", (await client.ReadResponseAsync()).Text);
        }
    }

    [Theory]
    [EveryWire("Set-Cookie: a=1\r\n X: folded")]
    [EveryWire("X: a\rSet-Cookie: evil=1")]
    [EveryWire("X: a\nSet-Cookie: evil=1")]
    [EveryWire("X: a\0b")]
    [EveryWire("Set-Cookie : a=1")]
    [EveryWire("Content-Length: 2\r\nTransfer-Encoding: chunked")]
    [EveryWire("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")]
    [EveryWire("Transfer-Encoding: identity")]
    [EveryWire("Content-Length: 2, 2, 3")]
    [EveryWire("Content-Length: -0")]
    public async Task UpstreamsMalformedHead_Is502(Wire wire, string field)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", $"HTTP/1.1 200 OK\r\n{field}\r\n\r\nok", thenClose: true);
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        var response = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(502, response.Status);
        Assert.DoesNotContain("evil", response.Head, StringComparison.Ordinal);
    }

    [Theory]
    [EveryWire]
    public async Task EndlessInterimResponses_End(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 17)));
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        // The connection cannot be used for anybody else.
        Assert.Equal("", await upstream.ReadToEndAsync());
    }

    [Theory]
    [EveryWire]
    public async Task EndlessHeadOfAnUpstream_Ends(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\n");
        string field = $"X: {new string('x', 4000)}\r\n";
        var answer = client.ReadResponseAsync();
        // 64 KiB are taken; twice as much never arrives.
        for (int each = 0; each < 40 && !answer.IsCompleted; each++)
        {
            try
            {
                await upstream.SendAsync(field);
            }
            catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
            {
                break;
            }
        }
        Assert.Equal(502, (await answer).Status);
    }

    // Premature Upgrade: bytes behind the head are the next request, not a tunnel's, until an upstream has agreed.
    [Theory]
    [EveryWire("h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", "Upgrade, HTTP2-Settings")]
    [EveryWire("TLS/1.0", "Upgrade")]
    [EveryWire("foo", "Upgrade")]
    public async Task UpgradeNobodyAllowed_IsAnOrdinaryRequest(Wire wire, string upgrade, string connection)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(
            $"GET /x HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\nUpgrade: {upgrade}\r\n\r\n{Mock}");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
        string received = System.Text.Encoding.Latin1.GetString(Assert.Single(upstream.Requests));
        Assert.DoesNotContain("upgrade", received, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("HTTP2-Settings", received, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(upstream.Violations);
    }

    [Theory]
    [EveryWire]
    public async Task Http2PrefaceWithoutHttp2_IsRefused(Wire wire)
    {
        await using TestGateway gateway = wire == Wire.Memory
            ? new MemoryGateway()
            : new HostedGateway(wire) { ListenerKeys = "protocols: [http1]" };
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        var response = await client.ReadResponseAsync();
        Assert.InRange(response.Status, 400, 505);
        Assert.True(response.Closes);
    }
}
