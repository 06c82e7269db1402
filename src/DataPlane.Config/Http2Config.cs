namespace DataPlane.Config;

/// <summary>Connections to an upstream that speaks HTTP/2.</summary>
public sealed record Http2Config
{
    /// <summary>How long a connection may be silent before it is asked for a sign of life; zero never asks.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection that gives none for so long is closed, with all it carries.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one response that the upstream may send before the client has taken them.</summary>
    public int StreamWindow { get; init; } = 256 * 1024;
}
