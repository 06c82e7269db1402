using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>What HEAD requests that reach the upstream do to a stored response (RFC 9111 4.3.5).</summary>
public sealed class CacheHeadTests
{
    private const string Head = "HEAD /a HTTP/1.1\r\nHost: a\r\n";
    private const string NoCache = "Cache-Control: no-cache\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task AnswerAboutTheSameResponse_RenewsIt(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = Upstream(
            gateway, "Cache-Control: max-age=0\r\nETag: \"a\"",
            "Cache-Control: max-age=60\r\nX-New: 1\r\nContent-Length: 4");
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await GetAsync(gateway);
        var head = await gateway.AskAsync(Head + "\r\n");
        Assert.Equal((200, "1"), (head.Status, head.Field("X-New")));
        var hit = await GetAsync(gateway);
        Assert.Equal(("body", "1"), (hit.Text, hit.Field("X-New")));
        Assert.Contains("; hit", hit.Field("Cache-Status"));
        Assert.Equal(2, upstream.Count);
    }

    [Theory]
    [InlineData("ETag: \"b\"", false)]
    [InlineData("ETag: W/\"a\"", false)]
    [InlineData("ETag: \"a\"\r\nContent-Length: 5", false)]
    [InlineData("Last-Modified: Fri, 02 Jan 1970 00:00:00 GMT", false)]
    [InlineData("ETag: \"a\"\r\nContent-Length: 4", true)]
    [InlineData("ETag: \"a\"", true)]
    public async Task AnswerAboutAnotherResponse_HasItValidated(string fields, bool isSame)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = Upstream(
            gateway, "Cache-Control: max-age=60\r\nETag: \"a\"", "Cache-Control: max-age=60\r\n" + fields);
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await GetAsync(gateway);
        Assert.Equal(200, (await gateway.AskAsync(Head + NoCache)).Status);
        await GetAsync(gateway);
        Assert.Equal(isSame ? 2 : 3, upstream.Count);
    }

    [Theory]
    [InlineData("Authorization: Basic x\r\n", "Cache-Control: max-age=60")]
    [InlineData("", "Cache-Control: private")]
    [InlineData("", "Cache-Control: no-store")]
    [InlineData("", "Cache-Control: max-age=60, private=\"X-New\"")]
    [InlineData("", "Cache-Control: max-age=60\r\nSet-Cookie: a=b")]
    public async Task AnswerThatIsNotForAll_ChangesNothing(string asked, string fields)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = Upstream(gateway, "Cache-Control: max-age=60", fields + "\r\nX-New: 1");
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await GetAsync(gateway);
        Assert.Equal("1", (await gateway.AskAsync(Head + asked + NoCache)).Field("X-New"));
        var hit = await GetAsync(gateway);
        Assert.Contains("; hit", hit.Field("Cache-Status"));
        Assert.Null(hit.Field("X-New"));
    }

    [Fact]
    public async Task StaleResponse_IsConfirmedByHead()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), request => request.Field("If-None-Match") == "\"a\""
                ? "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\n\r\n"
                : ScriptedUpstream.Ok("Cache-Control: max-age=1\r\nETag: \"a\""));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await GetAsync(gateway);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(5));
        var head = await gateway.AskAsync(Head + "\r\n");
        Assert.Equal((200, "4"), (head.Status, head.Field("Content-Length")));
        Assert.StartsWith("HEAD ", upstream.Last.Head);
        Assert.Contains("; hit", (await GetAsync(gateway)).Field("Cache-Status"));
        Assert.Equal(2, upstream.Count);
    }

    private static ScriptedUpstream Upstream(TestGateway gateway, string toGet, string toHead) => new(
        gateway.Listen(), request => request.Head.StartsWith("HEAD ", StringComparison.Ordinal)
            ? $"HTTP/1.1 200 OK\r\n{toHead}\r\n\r\n" : ScriptedUpstream.Ok(toGet));

    private static Task<RawResponse> GetAsync(TestGateway gateway) =>
        gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
}
