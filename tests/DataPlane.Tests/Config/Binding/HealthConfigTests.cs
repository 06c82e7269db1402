using DataPlane.Config;

namespace DataPlane.Tests.Config.Binding;

/// <summary>What <c>loadBalancing</c> and <c>health</c> become.</summary>
public sealed class HealthConfigTests
{
    [Fact]
    public void NothingWritten_IsRoundRobinWithoutChecks()
    {
        var upstream = Upstream("{ endpoints: [ 'http://x' ] }");
        Assert.Equal(new LoadBalancingConfig(), upstream.LoadBalancing);
        Assert.Equal(LoadBalancingMethod.RoundRobin, upstream.LoadBalancing.Method);
        Assert.Equal(new HealthConfig(), upstream.Health);
        Assert.Null(upstream.Health.Active);
        Assert.Null(upstream.Health.Passive);
        Assert.Equal(TimeSpan.Zero, upstream.SlowStart);
        Assert.Equal(0, upstream.Endpoints[0].Priority);
    }

    [Fact]
    public void EmptySections_SwitchOnWithDefaults()
    {
        var health = Upstream("{ endpoints: [ 'http://x' ], health: { active: {}, passive: {} } }").Health;
        Assert.Null(health.Active!.Path);
        Assert.Equal([new StatusRange(200, 399)], health.Active.ExpectedStatuses.ToArray());
        Assert.Equal(new ActiveHealthConfig() with { ExpectedStatuses = default }, Comparable(health.Active));
        Assert.Equal([new StatusRange(500, 599)], health.Passive!.Statuses.ToArray());
        Assert.Equal(new PassiveHealthConfig() with { Statuses = default }, health.Passive with { Statuses = default });
    }

    [Theory]
    [InlineData("leastRequests", LoadBalancingMethod.LeastRequests)]
    [InlineData("random", LoadBalancingMethod.Random)]
    public void Method_IsReadByName(string name, LoadBalancingMethod method) => Assert.Equal(
        method, Upstream($"{{ endpoints: [ 'http://x' ], loadBalancing: {name} }}").LoadBalancing.Method);

    [Theory]
    [InlineData("clientAddress", HashKeyKind.ClientAddress, "")]
    [InlineData("path", HashKeyKind.Path, "")]
    [InlineData("header:X-User", HashKeyKind.Header, "X-User")]
    [InlineData("query:user", HashKeyKind.Query, "user")]
    [InlineData("cookie:session", HashKeyKind.Cookie, "session")]
    public void HashKey_IsReadFromItsText(string key, HashKeyKind kind, string name)
    {
        var balancing = Upstream(
            $"{{ endpoints: [ 'http://x' ], loadBalancing: {{ consistentHash: {{ key: '{key}' }} }} }}").LoadBalancing;
        Assert.Equal(LoadBalancingMethod.ConsistentHash, balancing.Method);
        Assert.Equal(new HashKeyConfig(kind, name), balancing.Key);
        Assert.Equal(125, balancing.BalanceFactor);
    }

    [Fact]
    public void EveryHealthKey_IsBound()
    {
        var upstream = Upstream(
            """
            {
              endpoints: [ { url: "http://x", priority: 2 } ],
              slowStart: 30s,
              health: {
                active: { path: /h, host: h.example, interval: 1s, timeout: 500ms, healthyAfter: 4, unhealthyAfter: 5,
                  jitter: 20%, expect: { status: [ 204, 300-301 ], body: fine } },
                passive: { failures: 3, errorRatio: 10%, window: 5s, minimum: 7, ejection: 1s, maximumEjection: 9s,
                  maximumEjected: 30%, statuses: [ 503 ] },
                panicThreshold: 0%
              }
            }
            """);
        Assert.Equal(2, upstream.Endpoints[0].Priority);
        Assert.Equal(TimeSpan.FromSeconds(30), upstream.SlowStart);
        Assert.Equal(0, upstream.Health.PanicThreshold);
        var active = upstream.Health.Active!;
        Assert.Equal(("/h", "h.example", "fine"), (active.Path, active.Host, active.ExpectedText));
        Assert.Equal((1.0, 0.5), (active.Interval.TotalSeconds, active.Timeout.TotalSeconds));
        Assert.Equal((4, 5, 0.2), (active.HealthyAfter, active.UnhealthyAfter, active.Jitter));
        Assert.Equal([new StatusRange(204, 204), new StatusRange(300, 301)], active.ExpectedStatuses.ToArray());
        var passive = upstream.Health.Passive!;
        Assert.Equal((3, 0.1, 7, 0.3), (passive.Failures, passive.ErrorRatio, passive.Minimum, passive.MaximumEjected));
        Assert.Equal((5.0, 1.0, 9.0), (
            passive.Window.TotalSeconds, passive.Ejection.TotalSeconds, passive.MaximumEjection.TotalSeconds));
        Assert.Equal([new StatusRange(503, 503)], passive.Statuses.ToArray());
    }

    private static ActiveHealthConfig Comparable(ActiveHealthConfig config) =>
        config with { ExpectedStatuses = default };

    private static UpstreamConfig Upstream(string yaml) =>
        ConfigText.Config($"upstreams: {{ a: {yaml} }}").Upstreams[0];
}
