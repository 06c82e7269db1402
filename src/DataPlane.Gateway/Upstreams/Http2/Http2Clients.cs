using System.Collections.Concurrent;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// The clients of one HTTP/2 upstream, one per endpoint, made when an endpoint is first used and again when its TLS
/// changes. Outlives reloads that leave its settings equal. Any thread; a look-up per exchange.
/// </summary>
public sealed class Http2Clients(Http2Settings settings)
{
    private readonly ConcurrentDictionary<UpstreamEndpoint, Http2Client> _clients = new();
    private readonly Lock _making = new();

    public Http2Client Of(UpstreamEndpoint endpoint) =>
        _clients.TryGetValue(endpoint, out var client) && client.IsCurrent ? client : Make(endpoint);

    private Http2Client Make(UpstreamEndpoint endpoint)
    {
        lock (_making)
        {
            if (_clients.TryGetValue(endpoint, out var known) && known.IsCurrent) return known;
            known?.Dispose();
            // Addresses behind a name come and go: those that have gone are seen when one comes.
            foreach (var (other, client) in _clients)
            {
                if (other.IsRetired && _clients.TryRemove(other, out _)) client.Dispose();
            }
            return _clients[endpoint] = new Http2Client(endpoint, settings);
        }
    }
}
