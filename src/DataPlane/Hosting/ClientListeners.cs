using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DataPlane.Config;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Hosting;

/// <summary>
/// The listeners of clients, on whichever transport, kept at hand so that a drain can close them while Kestrel keeps
/// the admin listener open: <c>/readyz</c> must answer to the end. Any thread.
/// </summary>
internal sealed class ClientListeners : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // By reference: the admin's endpoint may be equal to one of these when both ask for any port.
    private readonly ConcurrentDictionary<EndPoint, BoundListener> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>What opens the sockets.</summary>
    public IConnectionListenerFactory Inner { private get; set; } = null!;

    public bool CanBind(EndPoint endpoint) => _known.ContainsKey(endpoint);

    public bool IsBehindBalancers(EndPoint endPoint) =>
        _known[endPoint].Config.ProxyProtocol != ProxyProtocolMode.Off;

    /// <summary>Before Kestrel binds it.</summary>
    public void Know(BoundListener listener) => _known[listener.EndPoint] = listener;

    public void Forget(BoundListener listener) => _known.TryRemove(listener.EndPoint, out _);

    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = _known[endpoint];
        try
        {
            return listener.Take(await Inner.BindAsync(endpoint, cancellationToken));
        }
        catch (Exception failure) when (failure is AddressInUseException or SocketException)
        {
            string reason = failure is AddressInUseException ? "the address is in use" : failure.Message;
            throw new IOException(
                $"listener {listener.Config.Name} cannot listen on {endpoint}: {reason}", failure);
        }
    }

    /// <summary>
    /// Nobody new is accepted after this; Kestrel unbinds once more when it stops, which does nothing.
    /// </summary>
    public async Task UnbindAsync()
    {
        foreach (var listener in _known.Values) await listener.UnbindAsync();
    }
}
