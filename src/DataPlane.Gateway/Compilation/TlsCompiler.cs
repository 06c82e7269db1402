using System.Net.Security;
using DataPlane.Config;
using DataPlane.Config.Tls;
using DataPlane.Gateway.Transport.Tls;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Makes the TLS of listeners and upstreams, or finds what an earlier generation made from the same files: sessions
/// that clients may resume outlive a reload that changes something else. Cold.
/// </summary>
internal sealed class TlsCompiler(StateTable state)
{
    /// <summary>By name, of those that speak it.</summary>
    public IReadOnlyDictionary<string, ListenerTls> Listeners(GatewayConfig config) =>
        config.Listeners.Where(each => each.Tls is not null).ToDictionary(
            each => each.Name,
            each => Listener($"listener {each.Name}", each.Tls!, ProtocolsOf(each)),
            StringComparer.Ordinal);

    public ListenerTls? Admin(AdminConfig config) =>
        config.Tls is { } tls ? Listener("admin", tls, [SslApplicationProtocol.Http11]) : null;

    /// <summary>The handshakes of all its endpoints; null when none speaks TLS.</summary>
    public UpstreamTls? Upstream(UpstreamConfig config) => config.Tls is { } tls
        ? new UpstreamTls(CountersOf(config), tls)
        : null;

    /// <summary>Null for an endpoint without TLS.</summary>
    public EndpointTls? Endpoint(UpstreamConfig upstream, EndpointConfig endpoint)
    {
        if (!endpoint.IsTls || upstream.Tls is not { } tls) return null;
        var kept = state.Keep(
            $"{upstream.Name} {endpoint.Url}", settings: null,
            () => new EndpointTls(endpoint.Host, CountersOf(upstream)));
        kept.Follow(tls, upstream.Protocol == UpstreamProtocol.Http2
            ? SslApplicationProtocol.Http2
            : SslApplicationProtocol.Http11);
        return kept;
    }

    /// <summary>For ALPN, in the gateway's order: the client's best is then HTTP/2.</summary>
    private static SslApplicationProtocol[] ProtocolsOf(ListenerConfig config) =>
    [
        .. config.SpeaksHttp2 ? [SslApplicationProtocol.Http2] : Array.Empty<SslApplicationProtocol>(),
        .. config.SpeaksHttp1 ? [SslApplicationProtocol.Http11] : Array.Empty<SslApplicationProtocol>(),
    ];

    private TlsCounters CountersOf(UpstreamConfig upstream) =>
        state.Keep($"upstream {upstream.Name}", settings: null, () => new TlsCounters());

    private ListenerTls Listener(string name, ListenerTlsConfig config, SslApplicationProtocol[] protocols)
    {
        var counters = state.Keep(name, settings: null, () => new TlsCounters());
        return state.Keep(name, DigestOf(config, protocols), () => new ListenerTls(config, protocols, counters));
    }

    private static string DigestOf(ListenerTlsConfig config, SslApplicationProtocol[] protocols)
    {
        var certificates = config.Certificates.Select(
            each => $"{string.Join(',', each.Hosts)}={each.Chain.File}:{each.Chain.Digest}");
        return string.Join(
            '|', string.Join(';', certificates), config.ClientCertificates, config.Authorities?.Digest,
            config.Protocols, string.Join(',', config.CipherSuites), config.HandshakeTimeout, config.OcspStapling,
            string.Join(',', protocols));
    }
}
