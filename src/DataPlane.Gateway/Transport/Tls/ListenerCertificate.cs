using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Config.Tls;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// One certificate of a listener, ready to be shown. OpenSSL's context, and so the keys of session tickets, hang on it:
/// a ticket of one is worth nothing with another. Immutable; any thread.
/// </summary>
public sealed class ListenerCertificate
{
    internal ListenerCertificate(CertificateChain chain, SslServerAuthenticationOptions options)
    {
        Chain = chain;
        Options = options;
    }

    public CertificateChain Chain { get; }

    internal SslServerAuthenticationOptions Options { get; }

    internal static SslStreamCertificateContext ContextOf(
        CertificateChain chain, bool staples = false, CertificateAuthorities? clientAuthorities = null)
    {
        // Their names go along with the question for a certificate (RFC 8446, 4.2.4): browsers know what to offer then.
        var trust = clientAuthorities is null
            ? null
            : SslCertificateTrust.CreateForX509Collection(
                [.. clientAuthorities.Certificates], sendTrustInHandshake: OperatingSystem.IsLinux());
        return SslStreamCertificateContext.Create(
            chain.Leaf, [.. chain.Intermediates], offline: !staples, trust);
    }
}
