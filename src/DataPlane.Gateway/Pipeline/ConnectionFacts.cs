namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// What is known of a client connection beyond its address, for later stages. Hung on the connection's features by the
/// first step that has something to say; a connection without one is cleartext and came as it is. Filled before the
/// connection is served, read-only from then on.
/// </summary>
public sealed class ConnectionFacts
{
    /// <summary>What the PROXY header in front of the connection said; null without one.</summary>
    public ProxyFacts? Proxy { get; set; }

    /// <summary>The TLS the connection speaks; null for cleartext.</summary>
    public TlsFacts? Tls { get; set; }

    /// <summary>
    /// What the access log has rendered of this, kept for the connection's next line; loop thread. Null until a line
    /// asks.
    /// </summary>
    internal byte[]?[]? LogTexts { get; set; }
}
