using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;

namespace DataPlane.Hosting;

/// <summary>Serves the clients of a listener that nothing stands before: no TLS, no PROXY header.</summary>
internal sealed class PlainServer(Func<ClientConnections> connections, Listener listener) : IClientServer
{
    public void Serve(LoopConnection connection) => connections().Serve(connection, listener);
}
