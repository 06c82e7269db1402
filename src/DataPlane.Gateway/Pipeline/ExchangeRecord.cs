namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// What recorders are given about one finished exchange. <see cref="Exchange"/> and everything it refers to is reset
/// after the call: copy bytes, keep nothing. Durations are in <see cref="TimeProvider"/> ticks of the gateway.
/// </summary>
public readonly struct ExchangeRecord
{
    public required Exchange Exchange { get; init; }

    public required ExchangeOutcome Outcome { get; init; }

    /// <summary>Status sent to the client; 0 when none was.</summary>
    public required int StatusCode { get; init; }

    /// <summary>From when the head's first byte was there to when the last byte was handed to the transport.</summary>
    public required long TotalTicks { get; init; }

    /// <summary>
    /// Of <see cref="TotalTicks"/>, from the call of the upstream to its last byte; 0 for local replies.
    /// </summary>
    public required long UpstreamTicks { get; init; }

    /// <summary>Request head and body bytes received, response head and body bytes sent.</summary>
    public required long BytesReceived { get; init; }

    public required long BytesSent { get; init; }
}
