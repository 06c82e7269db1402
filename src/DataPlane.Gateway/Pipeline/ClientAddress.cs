using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataPlane.Gateway.Pipeline;

/// <summary>The peer of a client connection, rendered once per connection. Immutable.</summary>
public sealed class ClientAddress
{
    public ClientAddress(EndPoint? remote, bool isTrusted)
    {
        var ip = remote as IPEndPoint;
        Address = ip?.Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : ip?.Address;
        Port = ip?.Port ?? 0;
        IsTrusted = isTrusted;
        Utf8 = Encoding.ASCII.GetBytes(Address?.ToString() ?? "unix:");
    }

    /// <summary>Null over a unix socket.</summary>
    public IPAddress? Address { get; }

    public int Port { get; }

    /// <summary>In <c>forwarding.trustedProxies</c>: its forwarded fields are believed.</summary>
    public bool IsTrusted { get; }

    /// <summary>Without port and brackets; <c>unix:</c> over a unix socket, as nginx writes it.</summary>
    public byte[] Utf8 { get; }

    public bool IsIPv6 => Address?.AddressFamily == AddressFamily.InterNetworkV6;
}
