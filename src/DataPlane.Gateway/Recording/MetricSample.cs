using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What the counters take from one exchange. Names are read only when a series is seen for the first time.
/// </summary>
internal readonly ref struct MetricSample
{
    /// <summary>Index of the exchange's loop, whose thread records.</summary>
    public required int Shard { get; init; }

    public required int ListenerIndex { get; init; }

    public required byte[] ListenerName { get; init; }

    /// <summary>Stable index of the route; negative when none matched.</summary>
    public required int RouteIndex { get; init; }

    public required byte[]? RouteId { get; init; }

    public required RequestMethod Method { get; init; }

    /// <summary>Status sent to the client; 0 when none was.</summary>
    public required int StatusCode { get; init; }

    public required ExchangeOutcome Outcome { get; init; }

    /// <summary>Null for what is no gRPC call.</summary>
    public int? GrpcStatus { get; init; }

    public required long TotalTicks { get; init; }

    public required long UpstreamTicks { get; init; }

    /// <summary>Stable index of the endpoint of the last try; negative when no upstream was asked.</summary>
    public int EndpointIndex { get; init; }

    public byte[]? UpstreamName { get; init; }

    public byte[]? EndpointAddress { get; init; }

    public long BytesReceived { get; init; }

    public long BytesSent { get; init; }

    /// <summary>32 hex digits of a sampled trace, or empty.</summary>
    public ReadOnlySpan<byte> TraceId { get; init; }

    /// <summary>When the exchange ended, in the clock's ticks; used with a trace id only.</summary>
    public long EndTimestamp { get; init; }
}
