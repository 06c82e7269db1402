namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// What the connections of an HTTP/2 upstream are made with. Compared by value: connections go on over a reload that
/// leaves it equal.
/// </summary>
public sealed record Http2Settings
{
    public required int ConnectTimeoutMs { get; init; }

    /// <summary>How long a connection without a stream is kept.</summary>
    public required int IdleTimeoutMs { get; init; }

    public required int MaxAgeMs { get; init; }

    /// <summary>Per endpoint, over all loops.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>How long exchanges wait for a stream while all connections are open and full.</summary>
    public required int PendingTimeoutMs { get; init; }

    /// <summary>Silence after which a connection is pinged; 0 never pings.</summary>
    public required int PingMs { get; init; }

    public required int PingTimeoutMs { get; init; }

    /// <summary>Bytes of a response that wait in the gateway for a slow client.</summary>
    public required int StreamWindowBytes { get; init; }

    /// <summary>A larger response head is refused.</summary>
    public required int ResponseHeadBytes { get; init; }
}
