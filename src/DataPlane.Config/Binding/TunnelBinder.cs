using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds what a route's exchanges may change to, and the limits of the tunnels that come of it.</summary>
internal static class TunnelBinder
{
    private const int MostTunnels = 10_000_000;
    private const int MostProtocols = 16;
    private const int MostTokenLength = 64;

    private static readonly TimeSpan s_most = TimeSpan.FromHours(24);

    public static KeyTable Keys { get; } = new(
        new ConfigKey(
            "idleTimeout", ValueShape.Duration(TimeSpan.Zero, s_most), "Instead of limits.tunnelIdleTimeout; 0s: off."),
        new ConfigKey(
            "lifetime", ValueShape.Duration(TimeSpan.Zero, s_most), "Instead of limits.tunnelLifetime; 0s: off."),
        new ConfigKey("max", ValueShape.Integer(0, MostTunnels), "Instead of limits.tunnelsPerRoute."));

    /// <summary>Null for a route that says nothing of them.</summary>
    public static TunnelConfig? Bind(NodeReader route)
    {
        if (route.Node("tunnels") is null) return null;
        NodeReader reader = route.Section("tunnels");
        return new TunnelConfig(
            reader.OptionalDuration("idleTimeout"),
            reader.OptionalDuration("lifetime"),
            reader.Node("max") is null ? null : reader.Int("max"));
    }

    /// <summary>Null for a route that says nothing of them.</summary>
    public static ImmutableArray<string>? BindProtocols(NodeReader route, ConfigErrors errors)
    {
        if (route.Node("upgrades") is null) return null;
        var tokens = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in route.List("upgrades"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string token)) continue;
            if (ProblemOf(token, tokens) is { } problem) errors.Add(item.Node, item.Path, problem);
            else tokens.Add(token);
        }
        if (tokens.Count > MostProtocols)
            route.Error("upgrades", $"has {tokens.Count} protocols", $"write at most {MostProtocols}");
        return tokens.ToImmutable();
    }

    private static Problem? ProblemOf(string token, ImmutableArray<string>.Builder others)
    {
        // RFC 9110, 7.8: a name, and perhaps a version.
        string[] parts = token.Split('/', 2);
        if (token.Length > MostTokenLength || !parts.All(FieldRules.IsToken))
        {
            return new Problem(
                $"{ScalarNode.Quote(token)} is not a protocol of Upgrade",
                "write a name such as websocket, with a version if it has one: name/1.0");
        }
        if (others.Contains(token, StringComparer.OrdinalIgnoreCase))
            return new Problem($"'{token}' is there twice", "keep one of the two");
        // Requests inside such a tunnel would pass no route and no policy.
        return parts[0].ToLowerInvariant() is "h2c" or "h2" or "http" or "tls"
            ? new Problem($"'{token}' would carry requests past the routes", "remove it")
            : null;
    }
}
