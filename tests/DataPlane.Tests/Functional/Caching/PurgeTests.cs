using DataPlane.Gateway.Caching;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>What operators take out.</summary>
public sealed class PurgeTests
{
    [Theory]
    [InlineData(PurgeScope.Key, "http://A/one", "/one")]
    [InlineData(PurgeScope.Key, "//a/one", "/one")]
    [InlineData(PurgeScope.Key, "https://a/one", "")]
    [InlineData(PurgeScope.Prefix, "http://a/", "/one /two /two?x")]
    [InlineData(PurgeScope.Prefix, "http://a/two", "/two /two?x")]
    [InlineData(PurgeScope.Tag, "second", "/two /two?x")]
    [InlineData(PurgeScope.Tag, "all", "/one /two /two?x")]
    [InlineData(PurgeScope.Tag, "al", "")]
    [InlineData(PurgeScope.All, "", "/one /two /two?x")]
    public async Task Purge_TakesOutWhatItNames(PurgeScope scope, string value, string gone)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), request => ScriptedUpstream.Ok(
            "Cache-Control: max-age=60\r\nCache-Tag: all, " + (request.Head.Contains("/two") ? "second" : "first")));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        string[] paths = ["/one", "/two", "/two?x"];
        foreach (string path in paths) await AskAsync(gateway, path);
        Assert.True(gateway.Snapshot.TryPurge(scope, value, isSoft: false));
        foreach (string path in paths)
        {
            bool isHit = (await AskAsync(gateway, path)).Field("Cache-Status")!.Contains("hit");
            Assert.Equal(!gone.Split(' ').Contains(path), isHit);
        }
    }

    [Fact]
    public async Task SoftPurge_HasItValidated()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), request => request.Field("If-None-Match") is null
                ? ScriptedUpstream.Ok("Cache-Control: max-age=60\r\nETag: \"a\"")
                : "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n");
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await AskAsync(gateway, "/a");
        gateway.Snapshot.TryPurge(PurgeScope.All, "", isSoft: true);
        var confirmed = await AskAsync(gateway, "/a");
        Assert.Equal(("body", 200), (confirmed.Text, confirmed.Status));
        Assert.Contains("fwd-status=304", confirmed.Field("Cache-Status"));
        Assert.Contains("hit", (await AskAsync(gateway, "/a")).Field("Cache-Status"));
        Assert.Equal(2, upstream.Count);
    }

    [Fact]
    public async Task ResponseFromBeforeAPurge_IsNotStoredAfterIt()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), async Task<string?> (_) =>
        {
            await go.Task;
            return ScriptedUpstream.Ok("Cache-Control: max-age=60");
        });
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        var first = AskAsync(gateway, "/a");
        await Eventually.HoldsAsync(() => upstream.Count == 1, "the request");
        gateway.Snapshot.TryPurge(PurgeScope.All, "", isSoft: false);
        go.SetResult();
        await first;
        await AskAsync(gateway, "/a");
        Assert.Equal(2, upstream.Count);
    }

    [Theory]
    [InlineData("users")]
    [InlineData("ftp://a/b")]
    [InlineData("")]
    public async Task KeyThatIsNoUrl_IsRefused(string value)
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(CacheYaml.To("http://127.0.0.1:1"));
        Assert.False(gateway.Snapshot.TryPurge(PurgeScope.Key, value, isSoft: false));
    }

    private static Task<RawResponse> AskAsync(TestGateway gateway, string path) =>
        gateway.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
}
