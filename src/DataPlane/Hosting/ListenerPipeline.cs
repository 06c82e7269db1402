using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Connections.ProxyProtocol;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataPlane.Hosting;

/// <summary>
/// What a connection of a client listener passes before its protocol serves it, outermost first: the count, the PROXY
/// header, TLS, the choice of the protocol. A step that a listener does not use is not there.
/// <paramref name="connections"/> is asked once a connection comes: Kestrel is configured before they exist.
/// </summary>
internal sealed class ListenerPipeline(
    TransportChoice transport, SnapshotStore snapshots, Func<ClientConnections> connections, TimeProvider time)
{
    private readonly LiveList<ProxyCounts> _proxies = new();

    /// <summary>One for each listener that takes PROXY headers.</summary>
    public IReadOnlyList<ProxyCounts> Proxies => _proxies;

    /// <summary>It is no longer there.</summary>
    public void Forget(Listener listener) => _proxies.Remove(each => ReferenceEquals(each.Listener, listener));

    /// <summary>Who serves a listener without these steps; null for one that needs Kestrel.</summary>
    public IClientServer? PlainServerOf(Listener listener, ListenerConfig config) =>
        config.Tls is null && config.ProxyProtocol == ProxyProtocolMode.Off && listener.SpeaksHttp1
            ? new PlainServer(connections, listener)
            : null;

    public void Configure(ListenOptions options, Listener listener, ListenerConfig config)
    {
        options.Protocols = listener.SpeaksHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        var admission = new AdmissionStep(transport.Admission);
        if (config.ProxyProtocol == ProxyProtocolMode.Off)
        {
            options.Use(admission.AroundClients);
        }
        else
        {
            options.Use(admission.AroundBalancers);
            var counts = new ProxyCounts(listener);
            _proxies.Add(counts);
            var step = new ProxyHeaderStep(
                config.ProxyProtocol == ProxyProtocolMode.Required, config.Trusted, counts,
                () => connections().HeadTimeout, time);
            options.Use(step.Before);
            options.Use(admission.BehindHeader);
        }
        if (config.Tls is not null)
        {
            ListenerTls? last = null;
            // A connection may come just before its listener goes.
            var tls = new TlsStep(
                transport, () => last = snapshots.Current.ListenerTls.GetValueOrDefault(listener.Name) ?? last!);
            options.Use(next => connection => tls.RunAsync(connection, next));
        }
        options.Use(http2 => connection => connections().ServeAsync(connection, listener, http2));
    }
}
