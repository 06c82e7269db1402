using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams;

/// <summary>A connection for an exchange, or the failure that tells why there is none.</summary>
public readonly record struct LeaseResult(UpstreamConnection? Connection, ExchangeOutcome Outcome);
