using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace DataPlane.Gateway.Transport.Handover;

/// <summary>Kestrel's own transport on sockets that outlive it in a successor.</summary>
public sealed class HeldListenerFactory(SocketTransportFactory inner, ListeningSockets sockets)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly List<IConnectionListener> _bound = [];

    public bool CanBind(EndPoint endpoint) => inner.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new HeldListener(await inner.BindAsync(endpoint, cancellationToken), sockets);
        _bound.Add(listener);
        return listener;
    }

    /// <summary>
    /// Nobody is accepted here any more. Kestrel unbinds once more when it stops, which does nothing.
    /// </summary>
    public async Task UnbindAsync()
    {
        foreach (var listener in _bound) await listener.UnbindAsync();
    }
}
