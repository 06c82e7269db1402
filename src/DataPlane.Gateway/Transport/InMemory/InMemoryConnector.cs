using System.Collections.Concurrent;
using System.Net;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Transport.InMemory;

/// <summary>
/// Connects to listeners inside the process: whoever is registered under an address gets the far end, on the loop of
/// the one who connects. An address without a listener refuses.
/// </summary>
internal sealed class InMemoryConnector : IUpstreamConnector
{
    private readonly ConcurrentDictionary<EndPoint, Action<InMemoryConnection>> _listeners = new();

    /// <summary>Connects made so far.</summary>
    public int Connects { get; private set; }

    /// <summary>The callback runs on the loop of the connect and must not throw.</summary>
    public void Listen(EndPoint address, Action<InMemoryConnection> accept) => _listeners[address] = accept;

    public void Stop(EndPoint address) => _listeners.TryRemove(address, out _);

    public ValueTask<ConnectResult> ConnectAsync(EndPoint address, EventLoop loop, int timeoutMs)
    {
        if (!_listeners.TryGetValue(address, out var accept)) return new(new ConnectResult(null, ConnectFault.Refused));
        Connects++;
        var (near, far) = InMemoryConnection.CreatePair(loop, loop, address);
        loop.Post(_ => accept(far), state: null);
        return new(new ConnectResult(near, ConnectFault.None));
    }
}
