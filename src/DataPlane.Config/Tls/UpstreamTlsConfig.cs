using System.Collections.Immutable;
using System.Security.Authentication;

namespace DataPlane.Config.Tls;

/// <summary>How the gateway speaks TLS to an upstream's <c>https</c> endpoints.</summary>
public sealed record UpstreamTlsConfig
{
    /// <summary>The name to ask for and to find in the certificate; null for the host of the endpoint's URL.</summary>
    public string? ServerName { get; init; }

    /// <summary>Whom to believe; null for the system's authorities.</summary>
    public CertificateAuthorities? Authorities { get; init; }

    /// <summary>The certificate shown to the upstream; null for none.</summary>
    public CertificateChain? Certificate { get; init; }

    /// <summary>SHA-256 of public keys (SubjectPublicKeyInfo) in base64; the chain has to have one of them.</summary>
    public ImmutableArray<string> Pins { get; init; } = [];

    /// <summary>False: any certificate will do.</summary>
    public bool Verify { get; init; } = true;

    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Everything a connection depends on, in one text.</summary>
    public string Digest => string.Join(
        '|', ServerName, Authorities?.Digest, Certificate?.Digest, string.Join(',', Pins), Verify, Protocols);
}
