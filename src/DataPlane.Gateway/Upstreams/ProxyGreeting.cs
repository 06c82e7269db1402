using System.Net;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.ProxyProtocol;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// The PROXY header that the connections of an upstream begin with. <paramref name="Version"/> is 1 or 2. Cold: once
/// per connection.
/// </summary>
public sealed record ProxyGreeting(int Version, bool HasUniqueId)
{
    /// <summary>For a connection of the gateway's own, as for a health check.</summary>
    public byte[] Own() => Version == 1 ? ProxyHeaderWriter.OwnVersion1() : ProxyHeaderWriter.OwnVersion2();

    /// <summary>
    /// Tells of the client's connection; of what a balancer in front told about it, rather than of the balancer's. The
    /// unique id is the balancer's or, without one, that of the first request.
    /// </summary>
    public byte[] For(Exchange exchange)
    {
        var (source, destination) = EndsOf(exchange);
        if (Version == 1) return ProxyHeaderWriter.Version1(source, destination);
        var told = exchange.Facts?.Proxy;
        var uniqueId = told is null ? default : told.UniqueId;
        if (uniqueId.IsEmpty && HasUniqueId) uniqueId = exchange.RequestId;
        return ProxyHeaderWriter.Version2(source, destination, uniqueId, told is null ? default : told.Authority);
    }

    // A protocol that keeps its connection to itself leaves the address: a port of 0 stands for an unknown one.
    private static (EndPoint? Source, EndPoint? Destination) EndsOf(Exchange exchange)
    {
        if (exchange.Connection is { } connection)
            return (connection.RemoteEndPoint, exchange.Facts?.Proxy?.Destination ?? connection.LocalEndPoint);
        if (exchange.Client.Address is not { } address) return (null, null);
        var any = exchange.Client.IsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        return (new IPEndPoint(address, 0), new IPEndPoint(any, 0));
    }
}
