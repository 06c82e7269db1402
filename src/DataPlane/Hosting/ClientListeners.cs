using System.Net;
using System.Net.Sockets;
using DataPlane.Config;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Hosting;

/// <summary>
/// The listeners of clients, on whichever transport, kept at hand so that a drain can close them while Kestrel keeps
/// the admin listener open: <c>/readyz</c> must answer to the end.
/// </summary>
internal sealed class ClientListeners(
    IConnectionListenerFactory inner, IReadOnlyDictionary<EndPoint, ListenerConfig> configs)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly List<IConnectionListener> _bound = [];

    public bool CanBind(EndPoint endpoint) => configs.ContainsKey(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            var listener = await inner.BindAsync(endpoint, cancellationToken);
            _bound.Add(listener);
            return listener;
        }
        catch (Exception failure) when (failure is AddressInUseException or SocketException)
        {
            string reason = failure is AddressInUseException ? "the address is in use" : failure.Message;
            throw new IOException($"listener {configs[endpoint].Name} cannot listen on {endpoint}: {reason}", failure);
        }
    }

    /// <summary>
    /// Nobody new is accepted after this; Kestrel unbinds once more when it stops, which does nothing.
    /// </summary>
    public async Task UnbindAsync()
    {
        foreach (var listener in _bound) await listener.UnbindAsync();
    }
}
