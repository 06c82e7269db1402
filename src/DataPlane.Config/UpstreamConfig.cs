using System.Collections.Immutable;
using DataPlane.Config.Tls;

namespace DataPlane.Config;

/// <summary>A service behind the gateway.</summary>
public sealed record UpstreamConfig
{
    public required string Name { get; init; }

    /// <summary>At least one, and at least one with a weight above 0.</summary>
    public required ImmutableArray<EndpointConfig> Endpoints { get; init; }

    public LoadBalancingConfig LoadBalancing { get; init; } = new();

    public HealthConfig Health { get; init; } = new();

    /// <summary>How long the share of an endpoint grows that came back or was added; zero switches off.</summary>
    public TimeSpan SlowStart { get; init; }

    public ConnectionPoolConfig Connections { get; init; } = new();

    public UpstreamTimeouts Timeouts { get; init; } = new();

    public RetryConfig Retries { get; init; } = new();

    /// <summary>Exchanges of the whole upstream under way at once, those that wait included; 0 is unlimited.</summary>
    public int MaxRequests { get; init; }

    public UpstreamProtocol Protocol { get; init; }

    /// <summary>Meaningful with <see cref="UpstreamProtocol.Http2"/>.</summary>
    public Http2Config Http2 { get; init; } = new();

    /// <summary>Null when the upstream has no circuit breaker.</summary>
    public CircuitBreakerConfig? CircuitBreaker { get; init; }

    /// <summary>Null when no endpoint speaks TLS.</summary>
    public UpstreamTlsConfig? Tls { get; init; }

    /// <summary>The PROXY header each connection begins with; null for none.</summary>
    public UpstreamProxyConfig? ProxyProtocol { get; init; }

    public SourceMark Mark { get; init; } = new("", 1, 1);
}
