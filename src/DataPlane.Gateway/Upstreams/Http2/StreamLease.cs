using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>A stream, or why there is none.</summary>
internal readonly record struct StreamLease(UpstreamStream? Stream, ExchangeOutcome Outcome);
