using System.Buffers.Text;
using System.Net;
using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>Callers get their rate, and are told when they have had it.</summary>
public sealed class RateLimitTests
{
    private const string Policy = "fair: { rateLimit: { key: header:X-Key, rate: 60/m, burst: 2 } }";

    [Theory]
    [EveryWire]
    public async Task CallerBeyondItsBurst_IsRefusedWithWhenToComeBack(Wire wire)
    {
        await using var gateway = await TestGateway.StartAsync(wire, With(Policy));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, (await AskAsync(client, "a")).Status);
        var last = await AskAsync(client, "a");
        Assert.Equal(200, last.Status);
        Assert.Null(last.Field("RateLimit"));
        var refused = await AskAsync(client, "a");
        Assert.Equal(429, refused.Status);
        Assert.Equal("1", refused.Field("Retry-After"));
        Assert.Equal("\"fair\";q=60;w=60", refused.Field("RateLimit-Policy"));
        Assert.Equal("\"fair\";r=0;t=2", refused.Field("RateLimit"));
        Assert.Contains("Retry-After says when", refused.Text);
        Assert.False(refused.Closes);
        Assert.Equal(200, (await AskAsync(client, "b")).Status);
        Assert.Equal(1, gateway.Snapshot.RateLimiters[0].Refused);
    }

    [Fact]
    public async Task CallerThatWaits_IsGrantedAgain()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With(Policy));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 2; each++) Assert.Equal(200, (await AskAsync(client, "a")).Status);
        Assert.Equal(429, (await AskAsync(client, "a")).Status);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        Assert.Equal(200, (await AskAsync(client, "a")).Status);
        Assert.Equal(429, (await AskAsync(client, "a")).Status);
    }

    [Fact]
    public async Task SeveralLimits_ChargeAllOrNone()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With(
            "fair: { rateLimit: { key: constant, limits: [ { rate: 100/h, burst: 3 }, { rate: 1/s, burst: 1 } ], " +
            "fields: always } }"));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal("\"fair\";r=0;t=1", (await AskAsync(client, "a")).Field("RateLimit"));
        for (int each = 0; each < 5; each++) Assert.Equal(429, (await AskAsync(client, "a")).Status);
        // Had the refused ones been charged to the hour, nothing would be left of its burst of three.
        for (int each = 0; each < 2; each++)
        {
            await gateway.AdvanceAsync(TimeSpan.FromSeconds(1.1));
            Assert.Equal(200, (await AskAsync(client, "a")).Status);
        }
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        var refused = await AskAsync(client, "a");
        Assert.Equal(429, refused.Status);
        Assert.Equal("\"fair\";q=100;w=3600", refused.Field("RateLimit-Policy"));
    }

    [Fact]
    public async Task Shadow_CountsAndRefusesNothing()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { rate: 1/h, shadow: true } }"));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 4; each++)
        {
            var response = await AskAsync(client, "a");
            Assert.Equal(200, response.Status);
            Assert.Null(response.Field("RateLimit"));
        }
        Assert.Equal(3, gateway.Snapshot.RateLimiters[0].Refused);
    }

    [Fact]
    public async Task Reload_KeepsTheAccountsUnderAnotherRate()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { rate: 1/h, burst: 2 } }"));
        await using var client = await gateway.ConnectAsync();
        for (int each = 0; each < 2; each++) Assert.Equal(200, (await AskAsync(client, "a")).Status);
        Assert.Equal(429, (await AskAsync(client, "a")).Status);
        await gateway.ReloadAsync(With("fair: { rateLimit: { rate: 1/h, burst: 3 } }"));
        Assert.Equal(200, (await AskAsync(client, "a")).Status);
        Assert.Equal(429, (await AskAsync(client, "a")).Status);
        Assert.Equal(2, gateway.Snapshot.RateLimiters[0].Refused);
    }

    [Fact]
    public async Task MissingKey_IsCountedUnderTheClientsAddress()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { key: [header:X-Other, route], rate: 1/h } }"));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, (await AskAsync(client, "a")).Status);
        Assert.Equal(429, (await AskAsync(client, "b")).Status);
    }

    [Theory]
    [InlineData("""{"sub":"a"}""", """{"aud":["x",{"sub":"b\"]}"}],"iss":"\\","sub" : "a" ,"exp":1}""", 429)]
    [InlineData("""{"sub":"a"}""", """{"sub":"b"}""", 200)]
    [InlineData("""{"sub":7}""", """{"sub": 7}""", 429)]
    [InlineData("""{"sub":7}""", """{"sub":8}""", 200)]
    public async Task Claim_TellsCallersApart(string first, string second, int status)
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { key: claim:sub, rate: 1/h } }"));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, await BearingAsync(client, first));
        Assert.Equal(status, await BearingAsync(client, second));
    }

    [Theory]
    [InlineData("""{"other":"a"}""")]
    [InlineData("""{"sub":null}""")]
    [InlineData("""{"sub":""}""")]
    [InlineData("""{"sub":["a"]}""")]
    [InlineData("""{"nested":{"sub":"a"}}""")]
    [InlineData("""{"nested":{"sub":"a"}""")]
    [InlineData("""["sub","a"]""")]
    [InlineData("""{"sub":"a""")]
    [InlineData("""{"sub" "a"}""")]
    [InlineData("""{"x":"\""")]
    [InlineData("""{"x":{"[""")]
    [InlineData("{")]
    [InlineData("")]
    public async Task TokenWithoutTheClaim_IsCountedUnderTheClientsAddress(string payload)
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { key: claim:sub, rate: 1/h } }"));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, (await AskAsync(client, "a")).Status);
        Assert.Equal(429, await BearingAsync(client, payload));
    }

    [Theory]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer")]
    [InlineData("Bearer abc")]
    [InlineData("Bearer a.b")]
    [InlineData("Bearer a.!!!.c")]
    [InlineData("Bearer a..c")]
    public async Task NoToken_IsCountedUnderTheClientsAddress(string credentials)
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { key: claim:sub, rate: 1/h } }"));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, (await AskAsync(client, "a")).Status);
        Assert.Equal(429, await WithCredentialsAsync(client, credentials));
    }

    [Fact]
    public async Task LongToken_IsReadAsWell()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { key: claim:sub, rate: 1/h } }"));
        await using var client = await gateway.ConnectAsync();
        string groups = string.Join(',', Enumerable.Range(0, 400).Select(number => $"\"group-{number}\""));
        Assert.Equal(200, await BearingAsync(client, $"{{\"groups\":[{groups}],\"sub\":\"a\"}}"));
        Assert.Equal(200, await BearingAsync(client, $"{{\"groups\":[{groups}],\"sub\":\"b\"}}"));
        Assert.Equal(429, await BearingAsync(client, $"{{\"sub\":\"a\",\"groups\":[{groups}]}}"));
    }

    [Fact]
    public async Task BehindATrustedProxy_TheForwardedClientCounts()
    {
        await using var gateway = new MemoryGateway
        {
            ClientAddress = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 5000),
        };
        await gateway.StartAsync(
            "forwarding: { trustedProxies: [10.0.0.0/8] }\n" + With("fair: { rateLimit: { rate: 1/h } }"));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, await FromAsync(client, "198.51.100.7, 203.0.113.1, 10.9.9.9"));
        // What stands left of the last untrusted address is that client's own invention.
        Assert.Equal(429, await FromAsync(client, "192.0.2.200, 203.0.113.1, 10.9.9.9"));
        Assert.Equal(200, await FromAsync(client, "203.0.113.2"));
        Assert.Equal(200, await FromAsync(client, "2001:db8:1:2::1"));
        Assert.Equal(429, await FromAsync(client, "2001:db8:1:2:ffff::9"));
        Assert.Equal(200, await FromAsync(client, "2001:db8:1:3::1"));
    }

    [Fact]
    public async Task WithoutTrust_AForwardedClientIsNotBelieved()
    {
        await using var gateway = new MemoryGateway();
        await gateway.StartAsync(With("fair: { rateLimit: { rate: 1/h } }"));
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, await FromAsync(client, "203.0.113.1"));
        Assert.Equal(429, await FromAsync(client, "203.0.113.2"));
    }

    private static string With(string policy) =>
        $$"""
        policies:
          {{policy}}
        routes:
          - id: limited
            match: { path: /x }
            policies: [ fair ]
            to: { mock: { body: ok } }
        """;

    private static async Task<RawResponse> AskAsync(RawPeer client, string key)
    {
        await client.SendAsync($"GET /x HTTP/1.1\r\nHost: a\r\nX-Key: {key}\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    private static Task<int> BearingAsync(RawPeer client, string payload) => WithCredentialsAsync(
        client, $"Bearer eyJhbGciOiJub25lIn0.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.c2ln");

    private static async Task<int> WithCredentialsAsync(RawPeer client, string credentials)
    {
        await client.SendAsync($"GET /x HTTP/1.1\r\nHost: a\r\nAuthorization: {credentials}\r\n\r\n");
        return (await client.ReadResponseAsync()).Status;
    }

    private static async Task<int> FromAsync(RawPeer client, string addresses)
    {
        await client.SendAsync($"GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {addresses}\r\n\r\n");
        return (await client.ReadResponseAsync()).Status;
    }
}
