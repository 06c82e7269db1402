using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>What upstreams answer, and what becomes of it.</summary>
public sealed class UpstreamResponseTests
{
    [Theory]
    [EveryWire("nonsense\r\n\r\n")]
    [EveryWire("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")]
    [EveryWire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!")]
    [EveryWire("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [EveryWire("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [EveryWire("HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 2\r\n\r\nok")]
    [EveryWire("HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok")]
    [EveryWire("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")]
    [EveryWire("HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [EveryWire("")]
    [EveryWire("HTTP/1.1 200 OK\r\nContent-")]
    public async Task AnswerThatIsNone_Is502(Wire wire, string answer)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", answer, thenClose: true);
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Equal(502, response.Status);
        Assert.False(response.Closes);
        await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
        await upstream.WaitUntilAsync(each => each.OpenConnectionCount == 0, Eventually.Patience);
    }

    [Theory]
    [EveryWire(16, 200)]
    [EveryWire(17, 502)]
    public async Task InterimAnswers_AreSkippedUpToABound(Wire wire, int count, int status)
    {
        await using var upstream = FakeUpstream.Start();
        string hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        upstream.AnswerRaw(
            "/x", string.Concat(Enumerable.Repeat(hint, count)) + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        var response = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(status, response.Status);
        Assert.Null(response.Field("Link"));
    }

    [Theory]
    [EveryWire("responseHeadBytes: 1KiB", 1200)]
    [EveryWire("responseHeaderCount: 3", 0)]
    public async Task HeadBeyondTheLimits_Is502(Wire wire, string limit, int bytes)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw(
            "/x", $"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: {new string('x', bytes)}\r\nY: 1\r\nZ: 1\r\n\r\n");
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url, $"limits: {{ {limit} }}");
        Assert.Equal(502, (await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    [Theory]
    [EveryWire("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204)]
    [EveryWire("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 10\r\n\r\n", 304)]
    [EveryWire("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", 200)]
    [EveryWire("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200)]
    public async Task AnswerWithoutBody_LeavesBothConnectionsUsable(Wire wire, string method, string answer, int status)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", answer);
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 3; each++)
        {
            await client.SendAsync($"{method} /x HTTP/1.1\r\nHost: a\r\n\r\nGET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
            var response = await client.ReadResponseAsync(toHead: true);
            Assert.Equal(status, response.Status);
            Assert.Equal(
                answer.Contains("Content-Length") ? "10" : null, response.Field("Content-Length"));
            Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
        }
        Assert.Equal(1, upstream.ConnectionCount);
    }

    [Theory]
    [EveryWire]
    public async Task Head_IsPassedOnByteForByte(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw(
            "/x",
            "HTTP/1.1 200 Fine Indeed\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\nserver:x\r\nSet-Cookie: a=1\r\n" +
            "Set-Cookie: b=2\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive, X-Gone\r\nX-Gone: 1\r\n" +
            "X-Empty:\r\nX-Odd:  \t two  spaces \t\r\nContent-Length: 2\r\n\r\nok");
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        var response = await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(
            "HTTP/1.1 200 Fine Indeed\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\nserver: x\r\nSet-Cookie: a=1\r\n" +
            "Set-Cookie: b=2\r\nX-Empty: \r\nX-Odd: two  spaces\r\nContent-Length: 2\r\n\r\n",
            response.Head);
        Assert.Equal("ok", response.Text);
    }

    [Theory]
    [EveryWire("/chunked/100000", 100_000)]
    [EveryWire("/bytes/100000", 100_000)]
    [EveryWire("/bytes/0", 0)]
    [EveryWire("/close/70000", 70_000)]
    [EveryWire("/slow/20", 20)]
    [EveryWire("/informational", 12)]
    public async Task Body_ArrivesWhole(Wire wire, string path, int bytes)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 2; each++)
        {
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            Assert.Equal(bytes, response.Body.Length);
            if (path != "/informational")
                Assert.Equal(Enumerable.Range(0, bytes).Select(index => (byte)('a' + (index % 23))), response.Body);
        }
        await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task UpstreamsChunks_AreFramedAnew(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw(
            "/x",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" +
            "0000005;e=1\r\nhello\r\n00;f\r\nX-Sum: 9\r\n\r\n");
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        string head = await client.ReadHeadAsync();
        Assert.DoesNotContain("Trailer", head);
        Assert.Equal("5\r\nhello\r\n0\r\n\r\n", await client.ReadUntilAsync("0\r\n\r\n"));
    }

    [Theory]
    [EveryWire]
    public async Task UpstreamsTrailers_GoToWhoAsksForThem(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw(
            "/x",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" +
            "0\r\nX-Sum:9 \r\nContent-Length: 7\r\nx-gone: 1\r\nSet-Cookie: a=b\r\ngrpc-status: 0\r\n\r\n");
        await using var gateway = await TestGateway.StartAsync(
            wire,
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{upstream.Url}}" } ] } }
            routes:
              - { match: { path: "/{path+}" }, to: { upstream: up }, headers: { response: { remove: [X-Gone] } } }
            """);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\nTE: gzip, Trailers\r\nConnection: TE\r\n\r\n");
        await client.ReadHeadAsync();
        string body = await client.ReadUntilAsync("\r\n\r\n");
        Assert.Equal("5\r\nhello\r\n0\r\nX-Sum: 9\r\ngrpc-status: 0\r\n\r\n", body);
    }

    [Theory]
    [EveryWire("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    [EveryWire("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf")]
    [EveryWire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [EveryWire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n")]
    [EveryWire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nx\r\n")]
    public async Task TruncatedBody_NeverLooksComplete(Wire wire, string answer)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw("/x", answer, thenClose: true);
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        string all = await client.ReadToEndAsync();
        Assert.True(client.WasReset);
        Assert.DoesNotContain("\r\n0\r\n\r\n", all);
    }

    [Theory]
    [SocketWire]
    public async Task CloseDelimitedBodyThatIsReset_NeverLooksComplete(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        foreach (string version in new[] { "1.0", "1.1" })
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync($"GET /x HTTP/{version}\r\nHost: a\r\n\r\n");
            await using var upstream = await listener.AcceptAsync();
            await upstream.ReadHeadAsync();
            await upstream.SendAsync("HTTP/1.1 200 OK\r\n\r\nhalf");
            await client.ReadUntilAsync("half");
            await upstream.ResetAsync();
            Assert.DoesNotContain("\r\n0\r\n\r\n", await client.ReadToEndAsync());
            Assert.True(client.WasReset);
        }
    }

    [Theory]
    [EveryWire]
    public async Task EventsOfAStream_ArriveOneByOne(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        Assert.Contains("200 OK", await client.ReadHeadAsync());
        for (int each = 0; each < 5; each++)
        {
            await upstream.SendAsync($"7\r\nevent {each}\r\n");
            Assert.Equal($"7\r\nevent {each}\r\n", await client.ReadUntilAsync($"event {each}\r\n"));
        }
        await upstream.SendAsync("0\r\n\r\n");
        Assert.Equal("0\r\n\r\n", await client.ReadUntilAsync("\r\n\r\n"));
    }
}
