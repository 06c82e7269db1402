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

        Add(ExchangeOutcome.Completed, 200, "completed", FaultSide.None, "");
        Add(ExchangeOutcome.LocalReply, 200, "local_reply", FaultSide.None, "");
        Add(ExchangeOutcome.RouteNotFound, 404, "route_not_found", FaultSide.Client,
            "No route matches this host and path.");
        Add(ExchangeOutcome.MethodNotAllowed, 405, "method_not_allowed", FaultSide.Client,
            "The path exists, but not for this method; Allow lists those it has.");
        Add(ExchangeOutcome.BadRequest, 400, "bad_request", FaultSide.Client, "The request is malformed.");
        Add(ExchangeOutcome.EncodedSlashRefused, 400, "encoded_slash", FaultSide.Client,
            "The path contains %2F, which this route does not take.");
        Add(ExchangeOutcome.BadRequestBody, 400, "bad_request_body", FaultSide.Client,
            "The request body's chunked framing is malformed.");
        Add(ExchangeOutcome.RequestBodyTooLarge, 413, "request_body_too_large", FaultSide.Client,
            "The request body is larger than this route takes.");
        Add(ExchangeOutcome.RateLimited, 429, "rate_limited", FaultSide.Client,
            "The caller has sent more requests than its rate limit allows; Retry-After says when to try again.");
        Add(ExchangeOutcome.RequestTimeout, 408, "request_timeout", FaultSide.Client,
            "The request head did not arrive in time.");
        Add(ExchangeOutcome.Misdirected, 421, "misdirected", FaultSide.Client,
            "The connection was opened for another host; open one for this host.");
        Add(ExchangeOutcome.RequestBodyTooSlow, 408, "request_body_too_slow", FaultSide.Client,
            "The request body arrived slower than the minimum rate.");
        Add(ExchangeOutcome.BadHandshake, 400, "bad_handshake", FaultSide.Client,
            "The request to change the protocol is malformed.");
        Add(ExchangeOutcome.ClientAborted, 499, "client_aborted", FaultSide.Client, "The client went away.");
        Add(ExchangeOutcome.ClientTooSlow, 499, "client_too_slow", FaultSide.Client,
            "The client read the response slower than the minimum rate.");
        Add(ExchangeOutcome.UpstreamUnavailable, 503, "upstream_unavailable", FaultSide.Upstream,
            "No endpoint of the upstream could be reached.");
        Add(ExchangeOutcome.UpstreamOverloaded, 503, "upstream_overloaded", FaultSide.Upstream,
            "All connections to the upstream are in use.");
        Add(ExchangeOutcome.CircuitOpen, 503, "circuit_open", FaultSide.Upstream,
            "The upstream failed too often and is left alone for a while.");
        Add(ExchangeOutcome.UpstreamConnectFailed, 503, "upstream_connect_failed", FaultSide.Upstream,
            "The upstream refused the connection.");
        Add(ExchangeOutcome.UpstreamConnectTimeout, 504, "upstream_connect_timeout", FaultSide.Upstream,
            "The upstream did not accept a connection in time.");
        Add(ExchangeOutcome.UpstreamTlsFailed, 502, "upstream_tls_failed", FaultSide.Upstream,
            "No TLS connection to the upstream could be agreed on.");
        Add(ExchangeOutcome.UpstreamResponseTimeout, 504, "upstream_response_timeout", FaultSide.Upstream,
            "The upstream did not answer in time.");
        Add(ExchangeOutcome.UpstreamIdleTimeout, 504, "upstream_idle_timeout", FaultSide.Upstream,
            "The upstream stopped sending in the middle of its response.");
        Add(ExchangeOutcome.UpstreamClosed, 502, "upstream_closed", FaultSide.Upstream,
            "The upstream closed the connection without an answer.");
        Add(ExchangeOutcome.UpstreamProtocolError, 502, "upstream_protocol_error", FaultSide.Upstream,
            "The upstream's answer is not valid HTTP/1.1.");
        Add(ExchangeOutcome.UpstreamHandshakeFailed, 502, "upstream_handshake_failed", FaultSide.Upstream,
            "The upstream's 101 does not answer the handshake.");
        Add(ExchangeOutcome.UpstreamTruncated, 502, "upstream_truncated", FaultSide.Upstream,
            "The upstream broke off in the middle of its response.");
        Add(ExchangeOutcome.ExchangeTimeout, 504, "exchange_timeout", FaultSide.Upstream,
            "The exchange took longer than this route allows.");
        AddOwn(entries);
        return entries;
    }

    /// <summary>What ends in the gateway itself, tunnels included.</summary>
    private static void AddOwn(ErrorEntry[] entries)
    {
        entries[(int)ExchangeOutcome.RouteOverloaded] = new ErrorEntry(
            503, "route_overloaded", FaultSide.Gateway, "Too many requests are under way on this route.");
        entries[(int)ExchangeOutcome.ListenerOverloaded] = new ErrorEntry(
            503, "listener_overloaded", FaultSide.Gateway, "Too many requests are under way.");
        entries[(int)ExchangeOutcome.MemoryShort] = new ErrorEntry(
            503, "memory_short", FaultSide.Gateway, "The gateway is short of memory.");
        entries[(int)ExchangeOutcome.Draining] = new ErrorEntry(
            503, "draining", FaultSide.Gateway, "The gateway is shutting down.");
        entries[(int)ExchangeOutcome.TooManyTunnels] = new ErrorEntry(
            503, "too_many_tunnels", FaultSide.Gateway, "The route has as many tunnels as it may.");
        entries[(int)ExchangeOutcome.TunnelIdle] = new ErrorEntry(
            101, "tunnel_idle", FaultSide.None, "");
        entries[(int)ExchangeOutcome.TunnelLifetime] = new ErrorEntry(
            101, "tunnel_lifetime", FaultSide.None, "");
        entries[(int)ExchangeOutcome.TunnelDrained] = new ErrorEntry(
            101, "tunnel_drained", FaultSide.None, "");
        entries[(int)ExchangeOutcome.TunnelBadFrame] = new ErrorEntry(
            101, "tunnel_bad_frame", FaultSide.Client, "");
        entries[(int)ExchangeOutcome.InternalError] = new ErrorEntry(
            500, "internal_error", FaultSide.Gateway, "The gateway failed to handle the request.");
    }
}
