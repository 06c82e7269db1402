using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams;

/// <summary>A connection for an exchange, or why there is none and the endpoint that was tried last.</summary>
public readonly record struct LeaseResult(
    UpstreamConnection? Connection, ExchangeOutcome Outcome, UpstreamEndpoint? Endpoint);
