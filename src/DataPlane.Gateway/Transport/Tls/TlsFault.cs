namespace DataPlane.Gateway.Transport.Tls;

/// <summary>Why a handshake failed; <see cref="TlsFaults"/> has the names operators see.</summary>
public enum TlsFault : byte
{
    None,

    /// <summary>It took longer than it may.</summary>
    TimedOut,

    /// <summary>The peer left in the middle.</summary>
    Closed,

    /// <summary>What came was no TLS.</summary>
    NotTls,

    /// <summary>No protocol version in common.</summary>
    Version,

    /// <summary>No cipher suite, group or signature algorithm in common.</summary>
    Cipher,

    /// <summary>No application protocol in common.</summary>
    Protocol,

    /// <summary>The peer's certificate is missing, or not one to believe.</summary>
    Certificate,

    /// <summary>The peer refused: most likely our certificate, or that there is none.</summary>
    Alert,
    Other,
}
