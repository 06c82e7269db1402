using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>A route that caches: what is asked of the upstream, and what clients get.</summary>
public sealed class CacheTests
{
    private const string Fresh = "Cache-Control: max-age=60\r\nETag: \"a\"";

    [Theory]
    [EveryWire]
    public async Task FreshResponse_IsServedWithoutTheUpstream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => ScriptedUpstream.Ok(Fresh + "\r\nX-Own: 1\r\nConnection: X-Hop\r\nX-Hop: 1"));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        var miss = await gateway.AskAsync("GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("dataplane; fwd=uri-miss; stored", miss.Field("Cache-Status"));
        for (int each = 0; each < 3; each++)
        {
            var hit = await gateway.AskAsync("GET /a?b=c HTTP/1.1\r\nHost: A\r\n\r\n");
            Assert.Equal((200, "body", "1"), (hit.Status, hit.Text, hit.Field("X-Own")));
            Assert.StartsWith("dataplane; hit; ttl=", hit.Field("Cache-Status"));
            Assert.Equal(miss.Field("Date"), hit.Field("Date"));
            Assert.NotNull(hit.Field("Age"));
            Assert.Null(hit.Field("X-Hop"));
        }
        Assert.Equal(1, upstream.Count);
    }

    [Theory]
    [EveryWire(10)]
    [EveryWire(100_000)]
    [EveryWire(1_000_000)]
    public async Task Body_ComesBackAsItWas(Wire wire, int bytes)
    {
        string body = string.Concat(Enumerable.Range(0, bytes / 10).Select(each => $"{each,9}\n"));
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok(Fresh, body));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        for (int each = 0; each < 4; each++)
            Assert.Equal(body, (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        var head = await gateway.AskAsync("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal($"{body.Length}", head.Field("Content-Length"));
        string last = body[^10..];
        var part = await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\nRange: bytes=-10\r\n\r\n");
        Assert.Equal((206, last), (part.Status, part.Text));
        Assert.Equal($"bytes {body.Length - 10}-{body.Length - 1}/{body.Length}", part.Field("Content-Range"));
        Assert.Equal(1, upstream.Count);
    }

    [Theory]
    [EveryWire]
    public async Task ChunkedResponse_IsStoredWithItsLength(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(),
            _ => $"HTTP/1.1 200 OK\r\n{Fresh}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        for (int each = 0; each < 2; each++)
            Assert.Equal("abcde", (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        Assert.Equal("5", (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")).Field("Content-Length"));
        Assert.Equal(1, upstream.Count);
    }

    [Theory]
    [InlineData("If-None-Match: \"a\"", 304)]
    [InlineData("If-None-Match: W/\"a\"", 304)]
    [InlineData("If-None-Match: \"b\", \"a\"", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"b\"", 200)]
    [InlineData("If-Modified-Since: Fri, 02 Jan 1970 00:00:00 GMT", 304)]
    [InlineData("If-Modified-Since: Wed, 31 Dec 1969 00:00:00 GMT", 200)]
    [InlineData("If-Modified-Since: yesterday", 200)]
    [InlineData("If-None-Match: \"b\"\r\nIf-Modified-Since: Fri, 02 Jan 1970 00:00:00 GMT", 200)]
    [InlineData("Range: bytes=1-2", 206)]
    [InlineData("Range: bytes=9-", 416)]
    [InlineData("Range: bytes=0-0,2-2", 200)]
    [InlineData("Range: lines=1-2", 200)]
    [InlineData("Range: bytes=1-2\r\nIf-Range: \"a\"", 206)]
    [InlineData("Range: bytes=1-2\r\nIf-Range: W/\"a\"", 200)]
    [InlineData("Range: bytes=1-2\r\nIf-Range: \"b\"", 200)]
    public async Task Conditions_AreAnsweredByWhatIsStored(string fields, int status)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok(Fresh));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        var response = await gateway.AskAsync($"GET /a HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
        Assert.Equal(status, response.Status);
        Assert.Equal(status switch { 200 => "body", 206 => "od", _ => "" }, response.Text);
        if (status == 416) Assert.Equal("bytes */4", response.Field("Content-Range"));
        Assert.Equal(1, upstream.Count);
    }

    [Theory]
    [EveryWire]
    public async Task StaleResponse_IsValidatedAndRefreshed(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(),
            request => request.Field("If-None-Match") == "\"a\""
                ? "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\nX-New: 1\r\n\r\n"
                : ScriptedUpstream.Ok("Cache-Control: max-age=0\r\nETag: \"a\""));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        var confirmed = await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((200, "body", "1"), (confirmed.Status, confirmed.Text, confirmed.Field("X-New")));
        Assert.StartsWith("dataplane; fwd=stale; fwd-status=304", confirmed.Field("Cache-Status"));
        var hit = await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(("body", "1"), (hit.Text, hit.Field("X-New")));
        Assert.Equal(2, upstream.Count);
    }

    [Fact]
    public async Task StaleResponse_IsSentWhileANewOneIsFetched()
    {
        await using var gateway = new MemoryGateway();
        int version = 0;
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok(
            "Cache-Control: max-age=10, stale-while-revalidate=60", $"v{++version}"));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        Assert.Equal("v1", (await AskAsync(gateway)).Text);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(15));
        Assert.Equal("v1", (await AskAsync(gateway)).Text);
        await Eventually.HoldsAsync(async () => (await AskAsync(gateway)).Text == "v2", "the new version");
        Assert.Equal(2, upstream.Count);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(100));
        Assert.Equal("v3", (await AskAsync(gateway)).Text);
    }

    [Theory]
    [InlineData("max-age=10, stale-if-error=60", "", 200)]
    [InlineData("max-age=10", "staleIfError: 60s", 200)]
    [InlineData("max-age=10", "", 502)]
    [InlineData("max-age=10, must-revalidate", "staleIfError: 60s", 502)]
    [InlineData("s-maxage=10", "staleIfError: 60s", 502)]
    public async Task Error_IsReplacedByWhatIsStale(string control, string settings, int status)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => ScriptedUpstream.Ok($"Cache-Control: {control}"));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, settings));
        await AskAsync(gateway);
        upstream.Answer = _ => Task.FromResult<string?>(null);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(status, (await AskAsync(gateway)).Status);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(70));
        Assert.Equal(502, (await AskAsync(gateway)).Status);
    }

    [Fact]
    public async Task ChangeByAnotherMethod_TakesOutWhatIsStored()
    {
        await using var gateway = new MemoryGateway();
        string location = "";
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), request => ScriptedUpstream.Ok(Fresh + location));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        string[] paths = ["/a", "/a/b", "/c"];
        foreach (string path in paths) await AskAsync(gateway, path);
        location = "\r\nLocation: /a/b\r\nContent-Location: http://other/c";
        await gateway.AskAsync("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        Assert.Equal(4, upstream.Count);
        foreach (string path in paths) await AskAsync(gateway, path);
        // Of the other host's URL this one's answer decides nothing.
        Assert.Equal(6, upstream.Count);
    }

    [Fact]
    public async Task OnlyIfCached_Is504WithoutAnEntry()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok(Fresh));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        const string Only = "Cache-Control: only-if-cached";
        Assert.Equal(504, (await AskAsync(gateway, fields: Only)).Status);
        Assert.Equal(0, upstream.Count);
        await AskAsync(gateway);
        Assert.Equal(200, (await AskAsync(gateway, fields: Only)).Status);
    }

    [Theory]
    [InlineData("no-cache", "", 2)]
    [InlineData("max-age=0", "", 2)]
    [InlineData("min-fresh=100", "", 2)]
    [InlineData("no-store", "", 2)]
    [InlineData("no-cache", "clientDirectives: ignore", 1)]
    public async Task ClientsDirectives_CountUnlessIgnored(string control, string settings, int asked)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok(Fresh));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, settings));
        await AskAsync(gateway);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await AskAsync(gateway, fields: $"Cache-Control: {control}")).Status);
        Assert.Equal(asked, upstream.Count);
    }

    [Theory]
    [InlineData("X: 1", "ttl: 60s", 1)]
    [InlineData("Cache-Control: max-age=1", "ttl: 60s", 2)]
    [InlineData("Cache-Control: max-age=1", "ttl: 60s, override: true", 1)]
    [InlineData("Cache-Control: no-store", "ttl: 60s, override: true", 2)]
    [InlineData("Set-Cookie: a=b", "ttl: 60s", 2)]
    [InlineData("Set-Cookie: a=b", "ttl: 60s, setCookie: store", 1)]
    [InlineData("Set-Cookie: a=b", "ttl: 60s, setCookie: strip", 1)]
    [InlineData("X: 1", "", 2)]
    public async Task TtlOfARoute_StandsInForWhatResponsesLack(string fields, string settings, int asked)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok(fields));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, settings));
        await AskAsync(gateway);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(5));
        var second = await AskAsync(gateway);
        Assert.Equal(asked, upstream.Count);
        if (settings.Contains("strip")) Assert.Null(second.Field("Set-Cookie"));
    }

    [Fact]
    public async Task Reload_KeepsWhatIsStored()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), _ => ScriptedUpstream.Ok(Fresh));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await AskAsync(gateway);
        await gateway.ReloadAsync(CacheYaml.To(upstream.Url, "ttl: 5s", "cache: { memory: 8MiB, entry: 1MiB }"));
        Assert.StartsWith("dataplane; hit", (await AskAsync(gateway)).Field("Cache-Status"));
        Assert.Equal(1, upstream.Count);
    }

    [Fact]
    public async Task ResponseLargerThanAnEntry_PassesAndIsNotStored()
    {
        string body = new('x', 200_000);
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(),
            _ => $"HTTP/1.1 200 OK\r\n{Fresh}\r\nTransfer-Encoding: chunked\r\n\r\n"
                + $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "", "cache: { entry: 64KiB }"));
        for (int each = 0; each < 2; each++) Assert.Equal(body, (await AskAsync(gateway)).Text);
        Assert.Equal(2, upstream.Count);
    }

    private static Task<RawResponse> AskAsync(TestGateway gateway, string path = "/a", string fields = "X: y") =>
        gateway.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
}
