using System.Collections.Immutable;
using System.Net;

namespace DataPlane.Config;

/// <summary>What an upstream is told about the client and the gateway.</summary>
public sealed record ForwardingConfig
{
    /// <summary>Peers whose forwarded fields are believed; from all others they are removed.</summary>
    public ImmutableArray<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Peers on unix sockets are such proxies: <c>unix:</c> in the list.</summary>
    public bool TrustsUnixSockets { get; init; }

    public ForwardedHeaders Headers { get; init; } = ForwardedHeaders.XForwarded;

    /// <summary>
    /// Whether to add a Via field (RFC 9110, 7.6.3). Off, as in nginx and HAProxy: it can end compression.
    /// </summary>
    public bool Via { get; init; }

    /// <summary>The pseudonym in Via: a token.</summary>
    public string ViaName { get; init; } = "dataplane";

    /// <summary>Tell upstreams the certificate a client has proved to have, in X-Forwarded-Client-Cert.</summary>
    public bool ClientCertificate { get; init; }

    /// <summary>Keep a trusted peer's X-Request-Id, else make one, and send it to both sides.</summary>
    public bool RequestId { get; init; } = true;

    /// <summary>Pass W3C traceparent on, or start one.</summary>
    public bool TraceContext { get; init; } = true;
}
