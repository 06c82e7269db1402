using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Pipeline;

/// <summary>The address of a client, rendered once for its connections. Immutable.</summary>
public sealed class ClientAddress
{
    private readonly IPAddress? _remote;

    public ClientAddress(EndPoint? remote, bool isTrusted)
    {
        _remote = (remote as IPEndPoint)?.Address;
        Address = _remote is { IsIPv4MappedToIPv6: true } ? _remote.MapToIPv4() : _remote;
        IsTrusted = isTrusted;
        Number = NumberOf(Address);
        Utf8 = Encoding.ASCII.GetBytes(Address?.ToString() ?? "unix:");
    }

    /// <summary>Null over a unix socket.</summary>
    public IPAddress? Address { get; }

    /// <summary>In <c>forwarding.trustedProxies</c>: its forwarded fields are believed.</summary>
    public bool IsTrusted { get; }

    /// <summary>Without port and brackets; <c>unix:</c> over a unix socket, as nginx writes it.</summary>
    public byte[] Utf8 { get; }

    /// <summary>The address as 128 bits, IPv4 as mapped to IPv6; 0 over a unix socket.</summary>
    public UInt128 Number { get; }

    /// <summary>True for the address this was rendered from.</summary>
    public bool Is(IPAddress? remote) => _remote is null ? remote is null : _remote.Equals(remote);

    public static UInt128 NumberOf(IPAddress? address)
    {
        if (address is null) return 0;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return length == 4
            ? AddressText.Mapped(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public bool IsIPv6 => Address?.AddressFamily == AddressFamily.InterNetworkV6;
}
