using DataPlane.Http;

namespace DataPlane.Gateway.Connections;

/// <summary>The configured limits of client connections, in the units the loops count in.</summary>
public sealed record ConnectionLimits
{
    public required HeadLimits Head { get; init; }

    public required int HeadTimeoutMs { get; init; }

    public required int IdleTimeoutMs { get; init; }

    /// <summary>
    /// Bytes per second below which a body, once <see cref="RateGraceMs"/> has passed, is too slow; 0 = off.
    /// </summary>
    public required int RequestRate { get; init; }

    public required int ResponseRate { get; init; }

    public required int RateGraceMs { get; init; }

    /// <summary>
    /// How long an exchange lives on after its client's FIN, which may be a half-close or the client's end.
    /// </summary>
    public required int HalfCloseGraceMs { get; init; }

    /// <summary>Exchanges after which a connection is closed; 0 = no limit.</summary>
    public required int RequestsPerConnection { get; init; }

    /// <summary>What an HTTP/2 connection may do wrong per <see cref="Limits.GlitchWindowMs"/>; 0 = no limit.</summary>
    public required int Http2Glitches { get; init; }

    /// <summary>Streams of an HTTP/2 connection at once.</summary>
    public required int Http2Streams { get; init; }
}
