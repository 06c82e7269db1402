using System.Net;
using System.Net.Sockets;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// Where an endpoint is: an IP address, a unix socket, or a name that is resolved off the loop and again after
/// <see cref="LifetimeMs"/>. When the resolver fails the addresses known before stay in use.
/// </summary>
public sealed class EndpointAddress
{
    /// <summary>How long an answer of the resolver is used; the system's resolver does not hand out TTLs.</summary>
    public const int LifetimeMs = 10_000;

    private readonly string? _host;
    private readonly int _port;
    private EndPoint[] _known;
    private long _freshUntilMs = long.MinValue;

    public EndpointAddress(string host, int port)
    {
        _port = port;
        if (IPAddress.TryParse(host, out var address))
        {
            _known = [new IPEndPoint(address, port)];
            return;
        }
        _host = host;
        _known = [];
    }

    public EndpointAddress(string unixPath) => _known = [new UnixDomainSocketEndPoint(unixPath)];

    /// <summary>
    /// Addresses to try in order; empty when the name never resolved. Cold: only a new connection asks.
    /// </summary>
    public async ValueTask<EndPoint[]> ResolveAsync(long nowMs)
    {
        if (_host is null || nowMs < Volatile.Read(ref _freshUntilMs)) return _known;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(_host);
            if (addresses.Length > 0)
            {
                _known = Array.ConvertAll(addresses, each => (EndPoint)new IPEndPoint(each, _port));
            }
        }
        catch (SocketException)
        {
            // Kept: an upstream must not vanish because its name server did.
        }
        Volatile.Write(ref _freshUntilMs, nowMs + LifetimeMs);
        return _known;
    }
}
