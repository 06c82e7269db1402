namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// How an exchange ended: one value per reason. <see cref="ErrorTable"/> says for each which status, metric label and
/// guilty side it has and whether another try may help.
/// </summary>
public enum ExchangeOutcome : byte
{
    /// <summary>A response was delivered whole, whatever its status.</summary>
    Completed,

    /// <summary>A policy or an integration without upstream answered.</summary>
    LocalReply,
    RouteNotFound,
    MethodNotAllowed,
    BadRequest,
    EncodedSlashRefused,
    BadRequestBody,
    RequestBodyTooLarge,

    /// <summary>The upstream has said that it takes no fields of so many bytes.</summary>
    RequestHeadTooLarge,

    /// <summary>The caller has used up a rate limit.</summary>
    RateLimited,

    /// <summary>The client wanted a stored response or none, and none is stored.</summary>
    NotCached,

    /// <summary>The caller has its number of requests under way.</summary>
    ConcurrencyLimited,
    RequestTimeout,

    /// <summary>The request's host has another certificate than its connection was given.</summary>
    Misdirected,
    RequestBodyTooSlow,

    /// <summary>A request to change the protocol that is none.</summary>
    BadHandshake,
    ClientAborted,
    ClientTooSlow,

    /// <summary>The time was up that the client itself had set; says nothing about the upstream.</summary>
    DeadlineExceeded,

    /// <summary>gRPC over HTTP/1.1, which cannot carry its trailers to every client.</summary>
    Http2Required,
    UpstreamUnavailable,
    UpstreamOverloaded,

    /// <summary>The upstream failed so often that it is left alone for a while.</summary>
    CircuitOpen,
    UpstreamConnectFailed,
    UpstreamConnectTimeout,

    /// <summary>Connected, but TLS did not come about: no certificate to believe, for example.</summary>
    UpstreamTlsFailed,
    UpstreamResponseTimeout,
    UpstreamIdleTimeout,
    UpstreamClosed,
    UpstreamProtocolError,

    /// <summary>A 101 that does not answer the handshake: somebody else's protocol, or nobody's.</summary>
    UpstreamHandshakeFailed,

    /// <summary>
    /// The upstream broke off after its head had gone to the client: the connection is closed, not completed.
    /// </summary>
    UpstreamTruncated,
    ExchangeTimeout,

    /// <summary>The route has its <c>maxRequests</c> under way.</summary>
    RouteOverloaded,

    /// <summary>The listener has its <c>maxRequests</c> under way.</summary>
    ListenerOverloaded,

    /// <summary>The process is short of memory.</summary>
    MemoryShort,
    Draining,

    /// <summary>The route has as many tunnels as it may.</summary>
    TooManyTunnels,

    /// <summary>Ends of tunnels that the gateway brought about, as its limits say.</summary>
    TunnelIdle,
    TunnelLifetime,
    TunnelDrained,

    /// <summary>A WebSocket frame of an impossible length: nobody knows where the next one begins.</summary>
    TunnelBadFrame,
    InternalError,
}
