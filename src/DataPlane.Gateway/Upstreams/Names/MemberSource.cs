using System.Net;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>
/// An endpoint as the configuration writes it: an address, or a name that stands for several. Each address is an
/// endpoint of its own, with its pools, bounds and health, for as long as the name stands for it; they share the
/// configured endpoint's name in metrics. Outlives reloads. Any thread.
/// </summary>
public sealed class MemberSource
{
    private readonly Lock _changing = new();
    private readonly Func<IPEndPoint, UpstreamEndpoint>? _expand;
    private Dictionary<IPEndPoint, UpstreamEndpoint> _known = [];

    /// <summary>An address.</summary>
    public MemberSource(UpstreamEndpoint endpoint) => Endpoint = endpoint;

    /// <summary>A name, and how the endpoint of one of its addresses is made.</summary>
    public MemberSource(string name, bool isService, int port, Func<IPEndPoint, UpstreamEndpoint> expand)
    {
        Name = name;
        IsService = isService;
        Port = port;
        _expand = expand;
    }

    /// <summary>Null for a name.</summary>
    public UpstreamEndpoint? Endpoint { get; }

    /// <summary>Null for an address.</summary>
    public string? Name { get; }

    public bool IsService { get; }

    /// <summary>For addresses that come without a port.</summary>
    public int Port { get; }

    /// <summary>The answer used last; null before the first.</summary>
    public NameAnswer? Last { get; private set; }

    /// <summary>
    /// The endpoints of an answer, in its order. Those that were there before are the same objects, with their
    /// connections; those that have gone close what is idle, and the rest when its exchanges have ended.
    /// </summary>
    public UpstreamEndpoint[] EndpointsOf(NameAnswer answer)
    {
        lock (_changing)
        {
            var known = new Dictionary<IPEndPoint, UpstreamEndpoint>();
            var endpoints = new UpstreamEndpoint[answer.Addresses.Length];
            for (int each = 0; each < endpoints.Length; each++)
            {
                var place = PlaceOf(answer.Addresses[each]);
                if (!known.TryGetValue(place, out var endpoint))
                {
                    if (_known.TryGetValue(place, out endpoint)) endpoint.Revive();
                    else endpoint = _expand!(place);
                    known.Add(place, endpoint);
                }
                endpoints[each] = endpoint;
            }
            foreach (var (place, endpoint) in _known)
            {
                if (!known.ContainsKey(place)) endpoint.Retire();
            }
            _known = known;
            Last = answer;
            return endpoints;
        }
    }

    private IPEndPoint PlaceOf(in ResolvedAddress address) =>
        address.EndPoint.Port != 0 ? address.EndPoint : new IPEndPoint(address.EndPoint.Address, Port);
}
