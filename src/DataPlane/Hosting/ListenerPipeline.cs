using DataPlane.Config;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Pipeline;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataPlane.Hosting;

/// <summary>
/// What a connection of a client listener passes before its protocol serves it, outermost first: the PROXY header, TLS,
/// the choice of the protocol. A step that a listener does not use is not there.
/// <paramref name="connections"/> is asked once a connection comes: Kestrel is configured before they exist.
/// </summary>
internal sealed class ListenerPipeline(Func<ClientConnections> connections)
{
    public void Configure(ListenOptions options, Listener listener, ListenerConfig config)
    {
        options.Protocols = !listener.SpeaksHttp2 ? HttpProtocols.Http1 : HttpProtocols.Http2;
        options.Use(http2 => connection => connections().ServeAsync(connection, listener, http2));
    }
}
