namespace DataPlane.Config;

/// <summary>What the gateway tells a client of HTTP/2, and what it puts up with. Fixed at the start.</summary>
public sealed record Http2LimitsConfig
{
    /// <summary>Exchanges of one connection at once; more are refused, and may be tried again.</summary>
    public int Streams { get; init; } = 100;

    /// <summary>
    /// Resets, pings, empty frames and the like per second beyond what answered requests earn; more end the
    /// connection. 0 switches off.
    /// </summary>
    public int Glitches { get; init; } = 100;

    /// <summary>Bytes of a frame's payload that are taken.</summary>
    public int FrameBytes { get; init; } = 16 * 1024;

    /// <summary>Bytes of a body that a client may send before somebody reads them.</summary>
    public int StreamWindow { get; init; } = 256 * 1024;

    /// <summary>The same for all bodies of a connection: what a connection can make the gateway hold.</summary>
    public int ConnectionWindow { get; init; } = 1024 * 1024;

    /// <summary>Bytes of fields that each side may have the other remember (HPACK).</summary>
    public int HeaderTableBytes { get; init; } = 4 * 1024;

    /// <summary>Silence after which a client is asked whether it is there; zero switches off.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.Zero;

    /// <summary>How long it has for its answer.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
