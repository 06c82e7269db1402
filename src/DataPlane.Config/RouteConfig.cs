using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Which requests, what happens to them, and where they go.</summary>
public sealed record RouteConfig
{
    /// <summary>
    /// As written, or made from the match (<c>GET api.example.com/users/{id}</c>); unique, printable ASCII.
    /// </summary>
    public required string Id { get; init; }

    public required RouteMatchConfig Match { get; init; }

    /// <summary>In the order they run.</summary>
    public ImmutableArray<PolicyReference> Policies { get; init; } = [];

    public required TargetConfig To { get; init; }

    public HeaderRulesConfig? RequestHeaders { get; init; }

    public HeaderRulesConfig? ResponseHeaders { get; init; }

    /// <summary>Whether a path with %2F is served (true: the %2F is kept as it is) or refused with 400.</summary>
    public bool EncodedSlash { get; init; }

    /// <summary>Instead of <see cref="LimitsConfig.RequestBodyBytes"/>.</summary>
    public long? RequestBodyBytes { get; init; }

    /// <summary>Instead of <see cref="LimitsConfig.ExchangeTimeout"/>; zero switches off.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Exchanges under way at once; 0 is unlimited.</summary>
    public int MaxRequests { get; init; }

    /// <summary>Calls of gRPC-Web are passed on as gRPC.</summary>
    public bool GrpcWeb { get; init; }

    /// <summary>
    /// Protocols of Upgrade that are passed on; null for <see cref="StandardUpgrades"/>, empty for none.
    /// </summary>
    public ImmutableArray<string>? Upgrades { get; init; }

    /// <summary>Null when the route's tunnels have the limits of all.</summary>
    public TunnelConfig? Tunnels { get; init; }

    /// <summary>What a route lets through that says nothing about it.</summary>
    public static ImmutableArray<string> StandardUpgrades { get; } = ["websocket"];

    public SourceMark Mark { get; init; } = new("", 1, 1);
}
