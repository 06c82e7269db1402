using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Config.Tls;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// What connections to one endpoint ask of TLS. The options are made once: the runtime finds sessions to resume by
/// them. Immutable; any thread.
/// </summary>
public sealed class TlsTerms
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly ImmutableArray<string> _pins;
    private readonly bool _verifies;

    /// <summary><paramref name="host"/> is asked for unless the configuration names another.</summary>
    public TlsTerms(UpstreamTlsConfig config, string host, SslApplicationProtocol protocol)
    {
        _pins = config.Pins;
        _verifies = config.Verify;
        ServerName = config.ServerName ?? host;
        Options = new SslClientAuthenticationOptions
        {
            TargetHost = ServerName,
            EnabledSslProtocols = config.Protocols,
            ApplicationProtocols = [protocol],
            CertificateChainPolicy = ListenerTls.PolicyOf(
                config.Authorities?.Certificates ?? [], ServerAuthentication),
            ClientCertificateContext = config.Certificate is { } own ? ListenerCertificate.ContextOf(own) : null,
            AllowRenegotiation = false,
        };
        if (!_verifies || !_pins.IsEmpty) Options.RemoteCertificateValidationCallback = IsGood;
    }

    public string ServerName { get; }

    public SslClientAuthenticationOptions Options { get; }

    private bool IsGood(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_verifies && errors != SslPolicyErrors.None) return false;
        if (_pins.IsEmpty || certificate is null) return certificate is not null;
        if (IsPinned((X509Certificate2)certificate)) return true;
        // An authority's key may be pinned as well; only in a chain that was verified does it say anything.
        return _verifies && chain is not null && chain.ChainElements.Any(element => IsPinned(element.Certificate));
    }

    private bool IsPinned(X509Certificate2 certificate) => _pins.Contains(
        Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())),
        StringComparer.Ordinal);
}
