using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;

namespace DataPlane.Config.Tls;

/// <summary>How a listener speaks TLS.</summary>
public sealed record ListenerTlsConfig
{
    /// <summary>At least one. Who asks for a name that none has gets the one with <c>*</c>, else the first.</summary>
    public required ImmutableArray<ListenerCertificateConfig> Certificates { get; init; }

    public ClientCertificateMode ClientCertificates { get; init; }

    /// <summary>Who signs clients' certificates; set whenever they are asked for.</summary>
    public CertificateAuthorities? Authorities { get; init; }

    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Empty for those of the runtime.</summary>
    public ImmutableArray<TlsCipherSuite> CipherSuites { get; init; } = [];

    /// <summary>From the connection's first byte to the end of the handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The runtime fetches OCSP responses and sends them along.</summary>
    public bool OcspStapling { get; init; }
}
