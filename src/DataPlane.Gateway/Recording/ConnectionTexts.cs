using System.Globalization;
using System.Net;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What a log template says of the connection an exchange came on, which is the same for all of its exchanges: rendered
/// when a line first asks for it, and kept with the connection's facts. Loop thread; 0 bytes after that.
/// </summary>
internal static class ConnectionTexts
{
    private const LogVariable FirstRendered = LogVariable.TlsVersion;
    private const LogVariable LastRendered = LogVariable.ProxyPeer;

    /// <summary>Empty for what the connection does not have, and for any other variable.</summary>
    public static ReadOnlySpan<byte> Of(LogVariable variable, ConnectionFacts facts)
    {
        if (variable is < FirstRendered or > LastRendered)
            return facts.Proxy is { } proxy ? OfProxy(variable, proxy) : default;
        var texts = facts.LogTexts ??= new byte[LastRendered - FirstRendered + 1][];
        return texts[variable - FirstRendered] ??= Encoding.UTF8.GetBytes(Render(variable, facts) ?? "");
    }

    /// <summary>As the balancer sent it.</summary>
    private static ReadOnlySpan<byte> OfProxy(LogVariable variable, ProxyFacts proxy) => variable switch
    {
        LogVariable.ProxyAlpn => proxy.Alpn,
        LogVariable.ProxyAuthority => proxy.Authority,
        LogVariable.ProxyUniqueId => proxy.UniqueId,
        LogVariable.ProxyTlsVersion => proxy.TlsVersion,
        LogVariable.ProxyTlsCipherSuite => proxy.TlsCipher,
        LogVariable.ProxyCommonName => proxy.TlsCommonName,
        LogVariable.ProxyVpcEndpoint => proxy.VpcEndpoint,
        _ => default,
    };

    private static string? Render(LogVariable variable, ConnectionFacts facts) => variable switch
    {
        LogVariable.TlsVersion => facts.Tls?.Version,
        LogVariable.TlsCipherSuite => facts.Tls?.CipherSuite.ToString(),
        LogVariable.TlsServerName => facts.Tls?.ServerName,
        LogVariable.TlsProtocol => facts.Tls?.Protocol.ToString(),
        LogVariable.CertificateSubject => facts.Tls?.Certificate?.Subject,
        LogVariable.CertificateIssuer => facts.Tls?.Certificate?.Issuer,
        LogVariable.CertificateSerialNumber => facts.Tls?.Certificate?.SerialNumber,
        LogVariable.CertificateNotBefore => TimeOf(facts.Tls?.Certificate?.NotBefore),
        LogVariable.CertificateNotAfter => TimeOf(facts.Tls?.Certificate?.NotAfter),
        LogVariable.CertificateFingerprint => facts.Tls?.Certificate?.Fingerprint,
        LogVariable.ProxyVersion => facts.Proxy?.Version.ToString(CultureInfo.InvariantCulture),
        LogVariable.ProxyPeer => (facts.Proxy?.Peer as IPEndPoint)?.Address.ToString(),
        _ => null,
    };

    private static string? TimeOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
