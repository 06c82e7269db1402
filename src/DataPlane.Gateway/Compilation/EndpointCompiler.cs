using System.Net;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Names;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Makes endpoints, or finds those an earlier generation made: an address is one, a name becomes one for each of its
/// addresses. Cold.
/// </summary>
internal sealed class EndpointCompiler(
    StateTable state, UpstreamCompiler protection, TlsCompiler tls, LoopSet loops, bool isFirst)
{
    public ConfiguredMember MemberOf(UpstreamConfig upstream, EndpointConfig config) =>
        new(SourceOf(upstream, config), config.Weight, config.Priority);

    private MemberSource SourceOf(UpstreamConfig upstream, EndpointConfig config)
    {
        bool isName = config.IsService || (config.UnixPath is null && !IPAddress.TryParse(config.Host, out _));
        if (!isName) return new MemberSource(EndpointOf(upstream, config));
        // Made later, on other threads: everything it needs is looked up now.
        int index = state.EndpointIndex(upstream.Name, config.Url);
        string authority = AuthorityOf(config);
        var pending = protection.Pending(upstream);
        var encryption = tls.Endpoint(upstream, config);
        return state.Keep($"{upstream.Name} {config.Url}", settings: null, () => new MemberSource(
            config.Host, config.IsService, config.Port, place => new UpstreamEndpoint(
                index, upstream.Name, config.Url, authority, new EndpointAddress(place), loops)
            {
                Pending = pending,
                Tls = encryption,
                AddressUrl = $"{(encryption is null ? "http" : "https")}://{place}",
                IdentityUtf8 = Encoding.UTF8.GetBytes($"{config.Url} {place}"),
            }));
    }

    private UpstreamEndpoint EndpointOf(UpstreamConfig upstream, EndpointConfig config)
    {
        var encryption = tls.Endpoint(upstream, config);
        return state.Endpoint(upstream.Name, config.Url, index =>
        {
            var address = config.UnixPath is { } path
                ? new EndpointAddress(path)
                : new EndpointAddress(config.Host, config.Port);
            var endpoint = new UpstreamEndpoint(
                index, upstream.Name, config.Url, AuthorityOf(config), address, loops)
            {
                Pending = protection.Pending(upstream),
                Tls = encryption,
            };
            // At the start of the process all endpoints are as cold as each other.
            if (!isFirst) endpoint.Health.BeginSlowStart(loops[0].ClockMs);
            return endpoint;
        });
    }

    private static string AuthorityOf(EndpointConfig config)
    {
        if (config.UnixPath is not null) return "localhost";
        string host = config.Host.Contains(':', StringComparison.Ordinal) ? $"[{config.Host}]" : config.Host;
        int standardPort = config.IsTls ? 443 : 80;
        return config.IsService || config.Port == standardPort ? host : $"{host}:{config.Port}";
    }
}
