using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>What somebody might put into the cache for others, or find in it of others.</summary>
public sealed class CacheAttackTests
{
    [Theory]
    [InlineData("X-Forwarded-Host: evil")]
    [InlineData("X-Forwarded-Proto: https")]
    [InlineData("Forwarded: host=evil")]
    [InlineData("X-Host: evil")]
    [InlineData("X-Original-URL: /admin")]
    [InlineData("X-Rewrite-URL: /admin")]
    [InlineData("X-HTTP-Method-Override: POST")]
    [InlineData("X-Forwarded-Prefix: /evil")]
    [InlineData("Range: bytes=0-0")]
    [InlineData("Cookie: session=evil\r\nCache-Control: no-store")]
    [InlineData("Authorization: Basic ZXZpbA==")]
    [InlineData("Content-Length: 4\r\nX: y\r\n\r\nevil")]
    public async Task FieldThatNoKeyHas_BringsNothingInForOthers(string fields)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Echo);
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        string end = fields.Contains("\r\n\r\n") ? "" : "\r\n\r\n";
        await gateway.AskAsync($"GET /a HTTP/1.1\r\nHost: a\r\n{fields}{end}");
        var next = await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.DoesNotContain("evil", next.Text);
        Assert.DoesNotContain("admin", next.Text);
        Assert.Equal(200, next.Status);
    }

    [Fact]
    public async Task WordOfATrustedProxy_IsKeptApart()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Echo);
        await gateway.StartAsync(CacheYaml.To(
            upstream.Url, "", "forwarding: { trustedProxies: [127.0.0.0/8], headers: xForwarded }"));
        await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\nX-Forwarded-Host: evil\r\n\r\n");
        Assert.DoesNotContain("evil", (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n");
        Assert.Equal(3, upstream.Count);
    }

    [Theory]
    [InlineData("/a", "/a/")]
    [InlineData("/a", "/A")]
    [InlineData("/a", "/a;x.css")]
    [InlineData("/a", "/%61")]
    [InlineData("/a", "/a?")]
    [InlineData("/a?x=1", "/a?x=1&")]
    [InlineData("/a?x=1", "/a?x=%31")]
    [InlineData("/a?x=1&y=2", "/a?y=2&x=1")]
    public async Task TargetsThatOnlyLookAlike_AreTwo(string one, string other)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Echo);
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        foreach (string target in (string[])[one, other, one, other])
        {
            var response = await gateway.AskAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith($"GET {target} HTTP/1.1", response.Text);
        }
        Assert.Equal(2, upstream.Count);
    }

    [Theory]
    [InlineData("/a?x=1", "/a?x=1&utm=2", 1)]
    [InlineData("/a?x=1&utm=3", "/a?utm=2&x=1", 1)]
    [InlineData("/a?x=1", "/a?x=2", 2)]
    [InlineData("/a?x=1", "/a?x=1&x=2", 2)]
    [InlineData("/a?x=1", "/a?x=1&utm=1;x=2", 2)]
    [InlineData("/a?x=1", "/a?x=1&%78=2", 2)]
    [InlineData("/a?x=1", "/a?x=1&x[]=2", 2)]
    public async Task ChosenParameters_MakeTheDifference(string one, string other, int asked)
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Echo);
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "query: [x]"));
        await gateway.AskAsync($"GET {one} HTTP/1.1\r\nHost: a\r\n\r\n");
        await gateway.AskAsync($"GET {other} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(asked, upstream.Count);
    }

    [Fact]
    public async Task ChosenFields_MakeADifference()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Echo);
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "headers: [X-Tenant]"));
        foreach (string tenant in (string[])["a", "b", "a", "b"])
        {
            var response = await gateway.AskAsync($"GET /a HTTP/1.1\r\nHost: a\r\nX-Tenant: {tenant}\r\n\r\n");
            Assert.Contains($"X-Tenant: {tenant}", response.Text);
        }
        Assert.Equal(2, upstream.Count);
    }

    [Fact]
    public async Task AuthorizedResponse_IsNobodyElses()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Echo);
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "ttl: 1h, override: true"));
        await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer mine\r\n\r\n");
        Assert.DoesNotContain("mine", (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    [Fact]
    public async Task ErrorOfALongHead_IsNotStored()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), request => request.Head.Length > 2000
            ? "HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nlong" : Echo(request));
        await gateway.StartAsync(CacheYaml.To(upstream.Url, "ttl: 1h"));
        string field = new('x', 3000);
        Assert.Equal(400, (await gateway.AskAsync($"GET /a HTTP/1.1\r\nHost: a\r\nX: {field}\r\n\r\n")).Status);
        Assert.Equal(200, (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    [Fact]
    public async Task VaryOnWhatTheGatewayWrites_IsNotStored()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), _ => ScriptedUpstream.Ok("Cache-Control: max-age=60\r\nVary: X-Forwarded-For"));
        await gateway.StartAsync(CacheYaml.To(upstream.Url));
        for (int each = 0; each < 2; each++) await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(2, upstream.Count);
    }

    private static string Echo(RawResponse request) =>
        ScriptedUpstream.Ok("Cache-Control: max-age=60", request.Head + request.Text);
}
