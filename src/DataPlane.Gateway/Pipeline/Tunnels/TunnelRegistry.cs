using System.Collections.Concurrent;

namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>
/// The counts of every route that has had a tunnel, under the route's id: tunnels outlive the generation they began
/// under. Asked once per handshake. Any thread; allocates for the first tunnel of a route.
/// </summary>
public sealed class TunnelRegistry(int loops)
{
    private readonly ConcurrentDictionary<string, TunnelCounts> _routes = new(StringComparer.Ordinal);

    public ICollection<TunnelCounts> Routes => _routes.Values;

    public TunnelCounts Of(string route) =>
        _routes.GetOrAdd(route, static (id, loops) => new TunnelCounts(id, loops), loops);
}
