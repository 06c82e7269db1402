using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>A caller has so many requests under way, and others are not hurt by it.</summary>
public sealed class ConcurrencyLimitTests
{
    private const string One = "few: { concurrencyLimit: { key: header:X-Key, maxRequests: 1 } }";

    [Theory]
    [EveryWire]
    public async Task CallerWithItsNumberUnderWay_IsRefused_UntilOneEnds(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var listener = gateway.Listen();
        await gateway.StartAsync(With(One, listener.Url));
        await using var first = await gateway.ConnectAsync();
        await AskAsync(first, "/slow", "a");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await using var second = await gateway.ConnectAsync();
        await AskAsync(second, "/mock", "a");
        var refused = await second.ReadResponseAsync();
        Assert.Equal(429, refused.Status);
        Assert.Contains("under way", refused.Text, StringComparison.Ordinal);
        Assert.False(refused.Closes);
        await AskAsync(second, "/mock", "b");
        Assert.Equal(200, (await second.ReadResponseAsync()).Status);
        await upstream.SendAsync(PeerService.Response(200));
        Assert.Equal(200, (await first.ReadResponseAsync()).Status);
        // The client has its answer a moment before the exchange is over.
        await Eventually.HoldsAsync(
            async () =>
            {
                await AskAsync(second, "/mock", "a");
                return (await second.ReadResponseAsync()).Status == 200;
            },
            "the caller has none under way");
    }

    [Theory]
    [EveryWire]
    public async Task ClientThatLeaves_IsNotCountedAnyMore(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var listener = gateway.Listen();
        await gateway.StartAsync(With(One, listener.Url));
        await using (var first = await gateway.ConnectAsync())
        {
            await AskAsync(first, "/slow", "a");
            await using var upstream = await listener.AcceptAsync();
            await upstream.ReadHeadAsync();
        }
        await using var second = await gateway.ConnectAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                await AskAsync(second, "/mock", "a");
                return (await second.ReadResponseAsync()).Status == 200;
            },
            "the one that left is not counted");
    }

    [Fact]
    public async Task Reload_KeepsTheCounts_AndShadowRefusesNothing()
    {
        await using var gateway = new MemoryGateway();
        await using var listener = gateway.Listen();
        await gateway.StartAsync(With(One, listener.Url));
        await using var first = await gateway.ConnectAsync();
        await AskAsync(first, "/slow", "a");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await using var second = await gateway.ConnectAsync();
        await gateway.ReloadAsync(With(One, listener.Url) + "\n# again");
        await AskAsync(second, "/mock", "a");
        Assert.Equal(429, (await second.ReadResponseAsync()).Status);
        await gateway.ReloadAsync(With(One.Replace("maxRequests: 1", "maxRequests: 1, shadow: true"), listener.Url));
        await AskAsync(second, "/mock", "a");
        Assert.Equal(200, (await second.ReadResponseAsync()).Status);
        Assert.Equal(2, gateway.Snapshot.ConcurrencyLimiters[0].Refused);
    }

    private static string With(string policy, string url) =>
        $$"""
        policies:
          {{policy}}
        upstreams: { up: { endpoints: [ "{{url}}" ] } }
        routes:
          - { match: { path: /slow }, policies: [ few ], to: { upstream: up } }
          - { match: { path: /mock }, policies: [ few ], to: { mock: { body: ok } } }
        """;

    private static Task AskAsync(RawPeer client, string path, string key) =>
        client.SendAsync($"GET {path} HTTP/1.1\r\nHost: a\r\nX-Key: {key}\r\n\r\n");
}
