using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Config.Tls;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// The compiled <c>tls</c> of a listener: which certificate for which name. A handshake uses one from its beginning to
/// its end, and its connection remembers it. Immutable; any thread.
/// </summary>
public sealed class ListenerTls
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly Dictionary<string, ListenerCertificate> _exact = new(StringComparer.Ordinal);

    // ".example.com" for *.example.com.
    private readonly Dictionary<string, ListenerCertificate> _suffixes = new(StringComparer.Ordinal);
    private readonly ListenerCertificate _standard;
    private readonly ClientCertificateMode _mode;

    /// <summary><paramref name="protocols"/> are offered by ALPN, the best first.</summary>
    public ListenerTls(ListenerTlsConfig config, IEnumerable<SslApplicationProtocol> protocols, TlsCounters counters)
    {
        _mode = config.ClientCertificates;
        Counters = counters;
        HandshakeTimeoutMs = (int)config.HandshakeTimeout.TotalMilliseconds;
        var certificates = ImmutableArray.CreateBuilder<ListenerCertificate>();
        List<SslApplicationProtocol> alpn = [.. protocols];
        foreach (var each in config.Certificates)
        {
            var certificate = new ListenerCertificate(each.Chain, OptionsOf(config, each.Chain, alpn));
            certificates.Add(certificate);
            foreach (string host in each.Hosts)
            {
                if (host == "*") _standard = certificate;
                else if (host.StartsWith("*.", StringComparison.Ordinal)) _suffixes[host[1..]] = certificate;
                else _exact[host] = certificate;
            }
        }
        Certificates = certificates.ToImmutable();
        _standard ??= Certificates[0];
    }

    public ImmutableArray<ListenerCertificate> Certificates { get; }

    public TlsCounters Counters { get; }

    public int HandshakeTimeoutMs { get; }

    public bool AsksForCertificates => _mode != ClientCertificateMode.None;

    /// <summary>
    /// The certificate for a name: the exact one, then the longest wildcard, then the standard one. 0 bytes.
    /// </summary>
    public ListenerCertificate Find(ReadOnlySpan<char> host)
    {
        const int mostCharacters = 255;
        if (host.Length is 0 or > mostCharacters) return _standard;
        Span<char> lower = stackalloc char[mostCharacters];
        var name = lower[..host.ToLowerInvariant(lower)];
        if (_exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var exact)) return exact;
        var suffixes = _suffixes.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int dot = name.IndexOf('.'); dot >= 0 && _suffixes.Count > 0;)
        {
            if (suffixes.TryGetValue(name[dot..], out var found)) return found;
            int next = name[(dot + 1)..].IndexOf('.');
            dot = next < 0 ? -1 : dot + 1 + next;
        }
        return _standard;
    }

    /// <summary>For a listener of Kestrel's.</summary>
    public SslServerAuthenticationOptions OptionsFor(string serverName) => Find(serverName).Options;

    /// <summary>For SslStream, whose state is a <see cref="ListenerTls"/>.</summary>
    internal static ValueTask<SslServerAuthenticationOptions> Choose(
        SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellation) =>
        new(((ListenerTls)state!).Find(hello.ServerName).Options);

    private SslServerAuthenticationOptions OptionsOf(
        ListenerTlsConfig config, CertificateChain chain, List<SslApplicationProtocol> protocols)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = ListenerCertificate.ContextOf(chain, config.OcspStapling, config.Authorities),
            EnabledSslProtocols = config.Protocols,
            ApplicationProtocols = protocols,
            AllowRenegotiation = false,
        };
        if (!config.CipherSuites.IsEmpty && !OperatingSystem.IsWindows())
            options.CipherSuitesPolicy = new CipherSuitesPolicy(config.CipherSuites);
        if (config.ClientCertificates == ClientCertificateMode.None) return options;
        options.ClientCertificateRequired = true;
        options.RemoteCertificateValidationCallback = IsGood;
        options.CertificateChainPolicy = PolicyOf(config.Authorities!.Certificates, ClientAuthentication);
        return options;
    }

    /// <summary>Nothing is fetched from the network: a handshake may not wait for it.</summary>
    internal static X509ChainPolicy PolicyOf(ImmutableArray<X509Certificate2> authorities, string purpose)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(purpose));
        if (authorities.IsEmpty) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities.ToArray());
        return policy;
    }

    private bool IsGood(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null) return _mode == ClientCertificateMode.Optional;
        // A client's certificate names a consumer, not a host.
        return (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
    }
}
