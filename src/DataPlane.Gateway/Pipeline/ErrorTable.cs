namespace DataPlane.Gateway.Pipeline;

/// <summary>The one table from outcome to status, label, guilty side and text. 0 bytes; any thread.</summary>
public static class ErrorTable
{
    private static readonly ErrorEntry[] s_entries = Build();

    public static ErrorEntry Of(ExchangeOutcome outcome) => s_entries[(int)outcome];

    private static ErrorEntry[] Build()
    {
        var entries = new ErrorEntry[Enum.GetValues<ExchangeOutcome>().Length];
        void Add(ExchangeOutcome outcome, int status, string label, FaultSide side, string detail) =>
            entries[(int)outcome] = new ErrorEntry(status, label, side, detail);

        AddClientSide(Add);
        AddUpstreamSide(Add);
        return entries;
    }

    private static void AddClientSide(Action<ExchangeOutcome, int, string, FaultSide, string> add)
    {
        add(ExchangeOutcome.Completed, 200, "completed", FaultSide.None, "");
        add(ExchangeOutcome.LocalReply, 200, "local_reply", FaultSide.None, "");
        add(ExchangeOutcome.RouteNotFound, 404, "route_not_found", FaultSide.Client,
            "No route matches this host and path.");
        add(ExchangeOutcome.MethodNotAllowed, 405, "method_not_allowed", FaultSide.Client,
            "The path exists, but not for this method; Allow lists those it has.");
        add(ExchangeOutcome.BadRequest, 400, "bad_request", FaultSide.Client, "The request is malformed.");
        add(ExchangeOutcome.EncodedSlashRefused, 400, "encoded_slash", FaultSide.Client,
            "The path contains %2F, which this route does not take.");
        add(ExchangeOutcome.BadRequestBody, 400, "bad_request_body", FaultSide.Client,
            "The request body's chunked framing is malformed.");
        add(ExchangeOutcome.RequestBodyTooLarge, 413, "request_body_too_large", FaultSide.Client,
            "The request body is larger than this route takes.");
        add(ExchangeOutcome.RequestHeadTooLarge, 431, "request_head_too_large", FaultSide.Client,
            "The request's header fields, or its trailers, are larger than the upstream takes.");
        add(ExchangeOutcome.RateLimited, 429, "rate_limited", FaultSide.Client,
            "The caller has sent more requests than its rate limit allows; Retry-After says when to try again.");
        add(ExchangeOutcome.NotCached, 504, "not_cached", FaultSide.Client,
            "The request asks for a stored response only, and none is stored.");
        add(ExchangeOutcome.ConcurrencyLimited, 429, "concurrency_limited", FaultSide.Client,
            "The caller has as many requests under way as it may; wait for one of them to end.");
        add(ExchangeOutcome.RequestTimeout, 408, "request_timeout", FaultSide.Client,
            "The request head did not arrive in time.");
        add(ExchangeOutcome.Misdirected, 421, "misdirected", FaultSide.Client,
            "The connection was opened for another host; open one for this host.");
        add(ExchangeOutcome.RequestBodyTooSlow, 408, "request_body_too_slow", FaultSide.Client,
            "The request body arrived slower than the minimum rate.");
        add(ExchangeOutcome.BadHandshake, 400, "bad_handshake", FaultSide.Client,
            "The request to change the protocol is malformed.");
        add(ExchangeOutcome.ClientAborted, 499, "client_aborted", FaultSide.Client, "The client went away.");
        add(ExchangeOutcome.ClientTooSlow, 499, "client_too_slow", FaultSide.Client,
            "The client read the response slower than the minimum rate.");
        add(ExchangeOutcome.DeadlineExceeded, 504, "deadline_exceeded", FaultSide.Client,
            "The time was up that the client had set.");
        add(ExchangeOutcome.Http2Required, 505, "http2_required", FaultSide.Client,
            "gRPC needs HTTP/2 from the client to the gateway.");
    }

    private static void AddUpstreamSide(Action<ExchangeOutcome, int, string, FaultSide, string> add)
    {
        add(ExchangeOutcome.UpstreamUnavailable, 503, "upstream_unavailable", FaultSide.Upstream,
            "No endpoint of the upstream could be reached.");
        add(ExchangeOutcome.UpstreamOverloaded, 503, "upstream_overloaded", FaultSide.Upstream,
            "All connections to the upstream are in use.");
        add(ExchangeOutcome.CircuitOpen, 503, "circuit_open", FaultSide.Upstream,
            "The upstream failed too often and is left alone for a while.");
        add(ExchangeOutcome.UpstreamConnectFailed, 503, "upstream_connect_failed", FaultSide.Upstream,
            "The upstream refused the connection.");
        add(ExchangeOutcome.UpstreamConnectTimeout, 504, "upstream_connect_timeout", FaultSide.Upstream,
            "The upstream did not accept a connection in time.");
        add(ExchangeOutcome.UpstreamTlsFailed, 502, "upstream_tls_failed", FaultSide.Upstream,
            "No TLS connection to the upstream could be agreed on.");
        add(ExchangeOutcome.UpstreamResponseTimeout, 504, "upstream_response_timeout", FaultSide.Upstream,
            "The upstream did not answer in time.");
        add(ExchangeOutcome.UpstreamIdleTimeout, 504, "upstream_idle_timeout", FaultSide.Upstream,
            "The upstream stopped sending in the middle of its response.");
        add(ExchangeOutcome.UpstreamClosed, 502, "upstream_closed", FaultSide.Upstream,
            "The upstream closed the connection without an answer.");
        add(ExchangeOutcome.UpstreamProtocolError, 502, "upstream_protocol_error", FaultSide.Upstream,
            "The upstream's answer is not valid HTTP.");
        add(ExchangeOutcome.UpstreamHandshakeFailed, 502, "upstream_handshake_failed", FaultSide.Upstream,
            "The upstream's 101 does not answer the handshake.");
        add(ExchangeOutcome.UpstreamTruncated, 502, "upstream_truncated", FaultSide.Upstream,
            "The upstream broke off in the middle of its response.");
        add(ExchangeOutcome.ExchangeTimeout, 504, "exchange_timeout", FaultSide.Upstream,
            "The exchange took longer than this route allows.");
        add(ExchangeOutcome.RouteOverloaded, 503, "route_overloaded", FaultSide.Gateway,
            "Too many requests are under way on this route.");
        add(ExchangeOutcome.ListenerOverloaded, 503, "listener_overloaded", FaultSide.Gateway,
            "Too many requests are under way.");
        add(ExchangeOutcome.MemoryShort, 503, "memory_short", FaultSide.Gateway,
            "The gateway is short of memory.");
        add(ExchangeOutcome.Draining, 503, "draining", FaultSide.Gateway, "The gateway is shutting down.");
        add(ExchangeOutcome.TooManyTunnels, 503, "too_many_tunnels", FaultSide.Gateway,
            "The route has as many tunnels as it may.");
        add(ExchangeOutcome.TunnelIdle, 101, "tunnel_idle", FaultSide.None, "");
        add(ExchangeOutcome.TunnelLifetime, 101, "tunnel_lifetime", FaultSide.None, "");
        add(ExchangeOutcome.TunnelDrained, 101, "tunnel_drained", FaultSide.None, "");
        add(ExchangeOutcome.TunnelBadFrame, 101, "tunnel_bad_frame", FaultSide.Client, "");
        add(ExchangeOutcome.InternalError, 500, "internal_error", FaultSide.Gateway,
            "The gateway failed to handle the request.");
    }
}
