using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>What the runtime's HTTP/2 client throws, as outcomes. Any thread.</summary>
internal static class Http2Fault
{
    private const long ProtocolError = 0x1;
    private const long FlowControlError = 0x3;
    private const long FrameSizeError = 0x6;
    private const long CompressionError = 0x9;

    /// <summary>
    /// How an exchange ends whose upstream failed like this before its response began. Null for what a peer cannot
    /// cause.
    /// </summary>
    public static ExchangeOutcome? Of(Exception fault)
    {
        if (fault is OperationCanceledException)
        {
            return fault.InnerException is TimeoutException
                ? ExchangeOutcome.UpstreamConnectTimeout
                : ExchangeOutcome.UpstreamClosed;
        }
        for (var inner = fault; inner is not null; inner = inner.InnerException)
        {
            if (inner is Http2FullException) return ExchangeOutcome.UpstreamOverloaded;
            if (inner is HttpProtocolException protocol) return OfCode(protocol.ErrorCode);
        }
        if (fault is HttpRequestException request) return Of(request);
        return fault is IOException or ObjectDisposedException ? ExchangeOutcome.UpstreamClosed : null;
    }

    /// <summary>The connection was open, but TLS did not come about.</summary>
    public static bool IsHandshake(Exception fault) =>
        fault is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError };

    private static ExchangeOutcome Of(HttpRequestException fault) => fault.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => ExchangeOutcome.UpstreamTlsFailed,
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError =>
            fault.InnerException is TimeoutException
                ? ExchangeOutcome.UpstreamConnectTimeout
                : ExchangeOutcome.UpstreamConnectFailed,
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded
            or HttpRequestError.VersionNegotiationError => ExchangeOutcome.UpstreamProtocolError,
        _ => ExchangeOutcome.UpstreamClosed,
    };

    private static ExchangeOutcome OfCode(long code) =>
        code is ProtocolError or FlowControlError or FrameSizeError or CompressionError
            ? ExchangeOutcome.UpstreamProtocolError
            : ExchangeOutcome.UpstreamClosed;
}
