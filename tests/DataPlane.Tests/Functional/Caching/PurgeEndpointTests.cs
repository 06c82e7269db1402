using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary><c>POST /cache/purge</c> of a gateway that serves, over its admin listener.</summary>
public sealed class PurgeEndpointTests
{
    private static readonly string[] s_paths = ["/one", "/two", "/two?x"];

    [Theory]
    [InlineData("""{ "key": "http://a/one" }""", "/one")]
    [InlineData("""{ "key": "//a/two?x" }""", "/two?x")]
    [InlineData("""{ "key": "http://a/none" }""", "")]
    [InlineData("""{ "prefix": "http://A/two" }""", "/two /two?x")]
    [InlineData("""{ "prefix": "//a/", "soft": false }""", "/one /two /two?x")]
    [InlineData("""{ "tag": "first" }""", "/one")]
    [InlineData("""{ "tag": "none" }""", "")]
    [InlineData("""{ "all": true }""", "/one /two /two?x")]
    public async Task Purge_TakesOutWhatTheBodyNames(string body, string gone)
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await using var upstream = Upstream(gateway);
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        foreach (string path in s_paths) await AskAsync(gateway, path);
        using var answer = await PurgeAsync(gateway, body);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        foreach (string path in s_paths)
        {
            bool isHit = (await AskAsync(gateway, path)).Field("Cache-Status")!.Contains("; hit");
            Assert.Equal(!gone.Split(' ').Contains(path), isHit);
        }
    }

    [Theory]
    [InlineData("""{ "key": "http://a/one", "soft": true }""")]
    [InlineData("""{ "prefix": "//a/o", "soft": true }""")]
    [InlineData("""{ "tag": "first", "soft": true }""")]
    [InlineData("""{ "all": true, "soft": true }""")]
    public async Task SoftPurge_HasItValidated(string body)
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await using var upstream = Upstream(gateway);
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await AskAsync(gateway, "/one");
        using var answer = await PurgeAsync(gateway, body);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var confirmed = await AskAsync(gateway, "/one");
        Assert.Contains("fwd-status=304", confirmed.Field("Cache-Status"));
        Assert.Equal((200, "body"), (confirmed.Status, confirmed.Text));
    }

    [Theory]
    [InlineData("", "the body is no JSON object")]
    [InlineData("purge!", "the body is no JSON object")]
    [InlineData("[]", "the body is no JSON object")]
    [InlineData("null", "the body is no JSON object")]
    [InlineData("""{ "all": true""", "the body is no JSON object")]
    [InlineData("{}", "none of key, prefix, tag and all")]
    [InlineData("""{ "all": false }""", "none of key, prefix, tag and all")]
    [InlineData("""{ "soft": true }""", "none of key, prefix, tag and all")]
    [InlineData("""{ "tag": "a", "key": "http://a/one" }""", "more than one of key, prefix, tag and all")]
    [InlineData("""{ "tags": "a" }""", "'tags' is no key")]
    [InlineData("""{ "tag": ["a"] }""", "tag has a value of another type")]
    [InlineData("""{ "all": "yes" }""", "all has a value of another type")]
    [InlineData("""{ "tag": "" }""", "the tag is empty")]
    [InlineData("""{ "tag": "a b" }""", "no space or comma")]
    [InlineData("""{ "key": "users" }""", "'users' is no URL")]
    [InlineData("""{ "key": "/users" }""", "'/users' is no URL")]
    [InlineData("""{ "prefix": "ftp://a/b" }""", "'ftp://a/b' is no URL")]
    [InlineData("""{ "prefix": "http://" }""", "'http://' is no URL")]
    public async Task BodyThatNamesNothing_Is400AndSaysWhy(string body, string problem)
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await using var upstream = Upstream(gateway);
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await AskAsync(gateway, "/one");
        using var answer = await PurgeAsync(gateway, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Contains(problem, json.RootElement.GetProperty("detail").GetString());
        Assert.Contains("; hit", (await AskAsync(gateway, "/one")).Field("Cache-Status"));
    }

    [Fact]
    public async Task GatewayWithoutACache_JudgesBodiesTheSame()
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync("routes: [ { id: m, match: { path: /m }, to: { mock: { body: m } } } ]");
        using var good = await PurgeAsync(gateway, """{ "all": true }""");
        Assert.Equal(HttpStatusCode.NoContent, good.StatusCode);
        using var bad = await PurgeAsync(gateway, """{ "key": "users" }""");
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
    }

    [Fact]
    public async Task OtherMethods_Are405()
    {
        await using var gateway = new HostedGateway(Wire.Sockets);
        await gateway.StartAsync("routes: [ { id: m, match: { path: /m }, to: { mock: { body: m } } } ]");
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        using var answer = await admin.GetAsync("/cache/purge");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal("POST", Assert.Single(answer.Content.Headers.Allow));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("guess", HttpStatusCode.Unauthorized)]
    [InlineData("s3cret-s3cret-s3cret", HttpStatusCode.NoContent)]
    public async Task Token_IsNeededWhereOneIsSet(string? token, HttpStatusCode status)
    {
        await using var gateway = new HostedGateway(Wire.Sockets) { AdminKeys = "token: s3cret-s3cret-s3cret" };
        await using var upstream = Upstream(gateway);
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        await AskAsync(gateway, "/one");
        using var answer = await PurgeAsync(gateway, """{ "all": true }""", token);
        Assert.Equal(status, answer.StatusCode);
        bool isHit = (await AskAsync(gateway, "/one")).Field("Cache-Status")!.Contains("; hit");
        Assert.Equal(status != HttpStatusCode.NoContent, isHit);
        gateway.TakeLogged();
    }

    private static ScriptedUpstream Upstream(TestGateway gateway) => new(
        gateway.Listen(),
        request => request.Field("If-None-Match") is null
            ? ScriptedUpstream.Ok("Cache-Control: max-age=60\r\nETag: \"a\"\r\nSurrogate-Key: all "
                + (request.Head.Contains("/two") ? "second" : "first"))
            : "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n");

    private static async Task<HttpResponseMessage> PurgeAsync(HostedGateway gateway, string body, string? token = null)
    {
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        if (token is not null)
            admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await admin.PostAsync("/cache/purge", new StringContent(body, Encoding.UTF8, "application/json"));
    }

    private static Task<RawResponse> AskAsync(TestGateway gateway, string path) =>
        gateway.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
}
