using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Pipeline;

/// <summary>One request to an upstream, for its span. Timestamps are in <see cref="TimeProvider"/> ticks.</summary>
public struct TraceTry
{
    public ulong SpanId;
    public long StartTimestamp;

    /// <summary>0 while it is the last one: then it ends with the upstream's part of the exchange.</summary>
    public long EndTimestamp;
    public UpstreamEndpoint Endpoint;
}
