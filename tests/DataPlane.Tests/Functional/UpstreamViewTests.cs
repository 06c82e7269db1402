using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>What the admin listener tells of the upstreams' health.</summary>
public sealed class UpstreamViewTests
{
    [Theory]
    [SocketWire]
    public async Task Upstreams_AreShownWithTheirHealthAndReadinessWaitsForIt(Wire wire)
    {
        await using var gateway = new HostedGateway(wire);
        await using var peer = new PeerService(gateway.Listen(), answer: null);
        await gateway.StartAsync(
            $$"""
            upstreams:
              up:
                endpoints:
                  - { url: "{{peer.Url}}", weight: 3, priority: 1 }
                  - { url: "http://127.0.0.1:1", priority: 2 }
                health: { active: { path: /healthz, interval: 100ms, timeout: 3s, healthyAfter: 1 } }
            routes: [ { match: { path: /x }, to: { upstream: up } } ]
            """);
        using var admin = new HttpClient { BaseAddress = gateway.AdminAddress };
        using var unready = await admin.GetAsync("/readyz");
        Assert.Equal(503, (int)unready.StatusCode);
        Assert.Contains("Upstream up is not checked yet", await unready.Content.ReadAsStringAsync());
        peer.Answer = PeerService.Response(200);
        await Eventually.HoldsAsync(
            async () =>
            {
                using var ready = await admin.GetAsync("/readyz");
                return ready.IsSuccessStatusCode && await StateAsync(admin, 0) == "healthy";
            },
            "readiness");
        using var page = JsonDocument.Parse(await admin.GetStringAsync("/upstreams"));
        var upstream = page.RootElement[0];
        Assert.False(upstream.GetProperty("panic").GetBoolean());
        var good = upstream.GetProperty("endpoints")[0];
        Assert.Equal((3, 1), (good.GetProperty("weight").GetInt32(), good.GetProperty("priority").GetInt32()));
        Assert.Equal(1, good.GetProperty("share").GetDouble());
        Assert.True(good.GetProperty("healthy").GetBoolean());
        Assert.Equal("it answered with status 200", good.GetProperty("reason").GetString());
        var now = DateTimeOffset.UtcNow;
        Assert.InRange(good.GetProperty("since").GetDateTimeOffset(), now.AddMinutes(-5), now);
        var refused = upstream.GetProperty("endpoints")[1];
        Assert.Equal(0, refused.GetProperty("share").GetDouble());
        Assert.Equal("unhealthy", refused.GetProperty("state").GetString());
        Assert.Equal("the connect failed: refused", refused.GetProperty("reason").GetString());
        gateway.Snapshot.Stop();
        await gateway.SlabsAsync();
        Assert.Contains(gateway.TakeLogged(), line => line.Contains("is unhealthy: the connect failed: refused"));
    }

    private static async Task<string?> StateAsync(HttpClient admin, int endpoint)
    {
        using var page = JsonDocument.Parse(await admin.GetStringAsync("/upstreams"));
        return page.RootElement[0].GetProperty("endpoints")[endpoint].GetProperty("state").GetString();
    }
}
