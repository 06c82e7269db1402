using DataPlane.Config;
using DataPlane.Gateway.Upstreams.Http2;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// Numbers of one upstream, in the units the data plane counts in. Connection numbers are per endpoint.
/// </summary>
public sealed record UpstreamSettings
{
    public required int MaxConnections { get; init; }

    /// <summary>Per endpoint and loop.</summary>
    public required int MaxIdle { get; init; }

    public required int IdleTimeoutMs { get; init; }

    public required int MaxAgeMs { get; init; }

    public required int ConnectTimeoutMs { get; init; }

    /// <summary>From the request's last byte to the response's first.</summary>
    public required int ResponseTimeoutMs { get; init; }

    /// <summary>Between two reads of a response.</summary>
    public required int ReadTimeoutMs { get; init; }

    /// <summary>Exchanges that may wait for a connection, over all endpoints and loops.</summary>
    public int MaxPending { get; init; }

    /// <summary>How long one of them waits.</summary>
    public int PendingTimeoutMs { get; init; }

    /// <summary>Of an upstream that speaks HTTP/2; null for HTTP/1.1.</summary>
    public Http2Settings? Http2 { get; init; }

    /// <summary>What each connection begins with; null for nothing.</summary>
    public ProxyGreeting? Greeting { get; init; }

    public HealthConfig Health { get; init; } = new();

    /// <summary>Until an endpoint that came back has its whole share; 0 for at once.</summary>
    public int SlowStartMs { get; init; }
}
