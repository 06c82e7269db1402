using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What a line of the access log can say about one exchange. Bytes are as the peer sent them, and formats escape them,
/// unless it says otherwise. Empty means absent. Durations and the timestamp are in <see cref="TimeProvider"/> ticks.
/// </summary>
internal readonly ref struct LogFields
{
    public required long StartTimestamp { get; init; }

    /// <summary>Printable ASCII without quotes and backslashes: the exchange keeps no other.</summary>
    public ReadOnlySpan<byte> RequestId { get; init; }

    /// <summary>Ours: an address, or <c>unix:</c>.</summary>
    public ReadOnlySpan<byte> ClientAddress { get; init; }

    public ReadOnlySpan<byte> Method { get; init; }

    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>Raw, or canonical and redacted when the route has captures that are not to be shown.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    /// <summary>Redacted; empty unless the log is to show queries.</summary>
    public ReadOnlySpan<byte> Query { get; init; }

    public ReadOnlySpan<byte> Protocol { get; init; }

    public bool IsHttp2 { get; init; }

    /// <summary>Its query redacted. Empty for a format that does not want fields.</summary>
    public ReadOnlySpan<byte> Referer { get; init; }

    public ReadOnlySpan<byte> UserAgent { get; init; }

    /// <summary>Escaped: <see cref="LogRoute.Json"/>.</summary>
    public ReadOnlySpan<byte> RouteJson { get; init; }

    /// <summary>Escaped: <see cref="LogFragments.Of(Upstreams.UpstreamEndpoint)"/>.</summary>
    public ReadOnlySpan<byte> EndpointJson { get; init; }

    public int Tries { get; init; }

    /// <summary>How the route's cache answered; None where there is none.</summary>
    public CacheResult Cache { get; init; }

    /// <summary>Null for what is no gRPC call, and for one that ended without a status.</summary>
    public int? GrpcStatus { get; init; }

    public int StatusCode { get; init; }

    public long BytesReceived { get; init; }

    public long BytesSent { get; init; }

    public long TotalTicks { get; init; }

    /// <summary>Of <see cref="TotalTicks"/>, after the 101 of a tunnel.</summary>
    public long TunnelTicks { get; init; }

    public long UpstreamTicks { get; init; }

    public long ConnectTicks { get; init; }

    public long FirstByteTicks { get; init; }

    public ExchangeOutcome Outcome { get; init; }

    /// <summary>32 hex digits.</summary>
    public ReadOnlySpan<byte> TraceId { get; init; }

    /// <summary>For what only a template asks for; null in tests of the other formats.</summary>
    public Exchange? Exchange { get; init; }
}
