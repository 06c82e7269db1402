using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What a line of the access log can say about one exchange. Bytes are as the peer sent them, and formats escape them,
/// unless it says otherwise. Empty means absent. Durations and the timestamp are in <see cref="TimeProvider"/> ticks.
/// </summary>
internal ref struct LogFields
{
    public long StartTimestamp { get; set; }

    /// <summary>Printable ASCII without quotes and backslashes: the exchange keeps no other.</summary>
    public ReadOnlySpan<byte> RequestId { get; set; }

    /// <summary>Ours: an address, or <c>unix:</c>.</summary>
    public ReadOnlySpan<byte> ClientAddress { get; set; }

    public ReadOnlySpan<byte> Method { get; set; }

    public ReadOnlySpan<byte> Host { get; set; }

    /// <summary>Raw, or canonical and redacted when the route has captures that are not to be shown.</summary>
    public ReadOnlySpan<byte> Path { get; set; }

    /// <summary>Redacted; empty unless the log is to show queries.</summary>
    public ReadOnlySpan<byte> Query { get; set; }

    public ReadOnlySpan<byte> Protocol { get; set; }

    public bool IsHttp2 { get; set; }

    /// <summary>Its query redacted. Empty for a format that does not want fields.</summary>
    public ReadOnlySpan<byte> Referer { get; set; }

    public ReadOnlySpan<byte> UserAgent { get; set; }

    /// <summary>Escaped: <see cref="LogRoute.Json"/>.</summary>
    public ReadOnlySpan<byte> RouteJson { get; set; }

    /// <summary>Escaped: <see cref="LogFragments.Of(Upstreams.UpstreamEndpoint)"/>.</summary>
    public ReadOnlySpan<byte> EndpointJson { get; set; }

    public int Tries { get; set; }

    /// <summary>How the route's cache answered; None where there is none.</summary>
    public CacheResult Cache { get; set; }

    /// <summary>Null for what is no gRPC call, and for one that ended without a status.</summary>
    public int? GrpcStatus { get; set; }

    public int StatusCode { get; set; }

    public long BytesReceived { get; set; }

    public long BytesSent { get; set; }

    public long TotalTicks { get; set; }

    /// <summary>Of <see cref="TotalTicks"/>, without the upstream's and what follows the 101 of a tunnel.</summary>
    public long OwnTicks { get; set; }

    public long UpstreamTicks { get; set; }

    public long ConnectTicks { get; set; }

    public long FirstByteTicks { get; set; }

    public ExchangeOutcome Outcome { get; set; }

    /// <summary>32 hex digits.</summary>
    public ReadOnlySpan<byte> TraceId { get; set; }

    /// <summary>For what only a template asks for; null in tests of the other formats.</summary>
    public Exchange? Exchange { get; set; }
}
