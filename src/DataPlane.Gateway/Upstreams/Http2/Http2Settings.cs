namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>What an HTTP/2 upstream adds to <see cref="UpstreamSettings"/>. Compared by value.</summary>
public sealed record Http2Settings
{
    /// <summary>Silence after which a connection is pinged; 0 never pings.</summary>
    public required int PingMs { get; init; }

    public required int PingTimeoutMs { get; init; }

    /// <summary>Bytes of a response that wait in the gateway for a slow client.</summary>
    public required int StreamWindowBytes { get; init; }

    /// <summary>A larger response head is refused.</summary>
    public required int ResponseHeadBytes { get; init; }
}
