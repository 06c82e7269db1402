using DataPlane.Config;

namespace DataPlane.Tests.Config.Binding;

/// <summary>What routes say about upgrades and tunnels.</summary>
public sealed class TunnelConfigTests
{
    [Fact]
    public void RouteThatSaysNothing_HasTheStandards()
    {
        GatewayConfig config = ConfigText.Config("routes: [ { match: { path: / }, to: { mock: { body: a } } } ]");
        Assert.Null(config.Routes[0].Upgrades);
        Assert.Null(config.Routes[0].Tunnels);
        Assert.Equal("websocket", Assert.Single(RouteConfig.StandardUpgrades));
        Assert.Equal(TimeSpan.FromHours(1), config.Limits.TunnelIdleTimeout);
        Assert.Equal(TimeSpan.Zero, config.Limits.TunnelLifetime);
        Assert.Equal(10_000, config.Limits.TunnelsPerRoute);
    }

    [Fact]
    public void Route_HasItsOwn()
    {
        GatewayConfig config = ConfigText.Config("""
            limits: { tunnelIdleTimeout: 5m, tunnelLifetime: 2h, tunnelsPerRoute: 7 }
            routes:
              - match: { path: / }
                upgrades: [websocket, SPDY/3.1]
                tunnels: { idleTimeout: 10s, max: 3 }
                to: { mock: { body: a } }
              - { match: { path: /b }, upgrades: [], to: { mock: { body: b } } }
            """);
        Assert.Equal(new TunnelConfig(TimeSpan.FromSeconds(10), null, 3), config.Routes[0].Tunnels);
        Assert.Equal(["websocket", "SPDY/3.1"], config.Routes[0].Upgrades!.Value.ToArray());
        Assert.Empty(config.Routes[1].Upgrades!.Value);
        Assert.Equal(TimeSpan.FromMinutes(5), config.Limits.TunnelIdleTimeout);
        Assert.Equal(7, config.Limits.TunnelsPerRoute);
    }

    [Theory]
    [InlineData("h2c")]
    [InlineData("H2C")]
    [InlineData("HTTP/2.0")]
    [InlineData("TLS/1.0")]
    [InlineData("two words")]
    [InlineData("a/b/c")]
    [InlineData("websocket, WebSocket")]
    public void ProtocolThatCannotBe_IsRefused(string protocols)
    {
        ConfigResult result = ConfigText.Load(
            $"routes: [ {{ match: {{ path: / }}, upgrades: [{protocols}], to: {{ mock: {{ body: a }} }} }} ]");
        ConfigError error = Assert.Single(result.Errors);
        Assert.StartsWith("g.yaml:1:", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("routes[0].upgrades[", error.ToString(), StringComparison.Ordinal);
    }
}
