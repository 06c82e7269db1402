using System.Collections.Concurrent;

namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>
/// The counts of every route that has had a tunnel, under the route's id: tunnels outlive the generation they began
/// under. Asked once per handshake. Any thread; allocates for the first tunnel of a route.
/// </summary>
public sealed class TunnelRegistry(int loops)
{
    private readonly ConcurrentDictionary<string, TunnelCounts> _routes = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private TunnelCounts[] _all = [];

    /// <summary>In the order of their first tunnels; 0 bytes.</summary>
    public ReadOnlySpan<TunnelCounts> Routes => Volatile.Read(ref _all);

    public TunnelCounts Of(string route) => _routes.TryGetValue(route, out var counts) ? counts : Add(route);

    private TunnelCounts Add(string route)
    {
        lock (_adding)
        {
            if (_routes.TryGetValue(route, out var counts)) return counts;
            counts = new TunnelCounts(route, loops);
            Volatile.Write(ref _all, [.. _all, counts]);
            _routes[route] = counts;
            return counts;
        }
    }
}
