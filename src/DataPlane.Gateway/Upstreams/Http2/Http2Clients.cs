using System.Collections.Concurrent;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// The clients of one HTTP/2 upstream, one per endpoint, made when an endpoint is first used. Outlives reloads that
/// leave its settings equal. Any thread; a look-up per exchange.
/// </summary>
public sealed class Http2Clients(Http2Settings settings)
{
    private readonly ConcurrentDictionary<UpstreamEndpoint, Http2Client> _clients = new();

    public Http2Client Of(UpstreamEndpoint endpoint) => _clients.TryGetValue(endpoint, out var client)
        ? client
        : _clients.GetOrAdd(endpoint, static (each, made) => new Http2Client(each, made), settings);

    /// <summary>Lets the client of an endpoint go that left the configuration: its streams end first.</summary>
    public void Forget(UpstreamEndpoint endpoint)
    {
        if (_clients.TryRemove(endpoint, out var client)) client.Dispose();
    }
}
