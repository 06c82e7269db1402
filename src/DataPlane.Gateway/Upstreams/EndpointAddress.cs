using System.Net;
using System.Net.Sockets;

namespace DataPlane.Gateway.Upstreams;

/// <summary>Where an endpoint is: an IP address and port, or a unix socket. Names are resolved before.</summary>
public sealed class EndpointAddress
{
    public EndpointAddress(IPEndPoint address) => EndPoint = address;

    /// <summary><paramref name="host"/> is an IP address.</summary>
    public EndpointAddress(string host, int port)
        : this(new IPEndPoint(IPAddress.Parse(host), port))
    {
    }

    public EndpointAddress(string unixPath) => EndPoint = new UnixDomainSocketEndPoint(unixPath);

    public EndPoint EndPoint { get; }

    public override string ToString() => EndPoint.ToString()!;
}
