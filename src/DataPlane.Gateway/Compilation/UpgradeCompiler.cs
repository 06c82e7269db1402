using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline.Tunnels;

namespace DataPlane.Gateway.Compilation;

/// <summary>Makes what routes may change to. Routes that say nothing about it share one object. Cold.</summary>
internal sealed class UpgradeCompiler(LimitsConfig limits, TunnelRegistry registry)
{
    private UpgradeSettings? _standard;

    /// <summary>Null for a route that passes no upgrade on.</summary>
    public UpgradeSettings? Of(RouteConfig route)
    {
        if (route.Upgrades is null && route.Tunnels is null)
            return _standard ??= Make(RouteConfig.StandardUpgrades, own: null);
        var tokens = route.Upgrades ?? RouteConfig.StandardUpgrades;
        return tokens.IsEmpty ? null : Make(tokens, route.Tunnels);
    }

    private UpgradeSettings Make(ImmutableArray<string> tokens, TunnelConfig? own) => new()
    {
        Protocols = [.. tokens.Select(token => new UpgradeProtocol(token))],
        IdleTimeoutMs = (int)(own?.IdleTimeout ?? limits.TunnelIdleTimeout).TotalMilliseconds,
        LifetimeMs = (int)(own?.Lifetime ?? limits.TunnelLifetime).TotalMilliseconds,
        Most = own?.Max ?? limits.TunnelsPerRoute,
        Registry = registry,
    };
}
