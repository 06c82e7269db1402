using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataPlane.Http.ProxyProtocol;

/// <summary>
/// Renders headers for an upstream, once per connection. Without both addresses, or over a unix socket, version 1 says
/// UNKNOWN and version 2 LOCAL: the upstream then takes the connection's own. Allocates its result; any thread.
/// </summary>
public static class ProxyHeaderWriter
{
    private const byte Local = 0x20;
    private const byte Proxy = 0x21;
    private const byte StreamOverIPv4 = 0x11;
    private const byte StreamOverIPv6 = 0x21;
    private const int MaxUniqueIdBytes = 128;

    /// <summary>A connection of the gateway's own, as for a health check.</summary>
    public static byte[] OwnVersion1() => "PROXY UNKNOWN\r\n"u8.ToArray();

    /// <summary>As <see cref="OwnVersion1"/>.</summary>
    public static byte[] OwnVersion2() => [.. ProxyHeaderV2.Signature, Local, 0, 0, 0];

    public static byte[] Version1(EndPoint? source, EndPoint? destination)
    {
        if (!TryPair(source, destination, out var from, out var to)) return OwnVersion1();
        string family = from.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6";
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"PROXY {family} {from.Address} {to.Address} {from.Port} {to.Port}\r\n"));
    }

    /// <summary>Empty extensions are left out; a unique id too long for one is cut.</summary>
    public static byte[] Version2(
        EndPoint? source, EndPoint? destination, ReadOnlySpan<byte> uniqueId, ReadOnlySpan<byte> authority)
    {
        if (!TryPair(source, destination, out var from, out var to)) return OwnVersion2();
        var bytes = new List<byte>(ProxyHeaderV2.HeadBytes + 64);
        bytes.AddRange(ProxyHeaderV2.Signature);
        bytes.Add(Proxy);
        bytes.Add(from.AddressFamily == AddressFamily.InterNetwork ? StreamOverIPv4 : StreamOverIPv6);
        AddNumber(bytes, 0);
        bytes.AddRange(from.Address.GetAddressBytes());
        bytes.AddRange(to.Address.GetAddressBytes());
        AddNumber(bytes, from.Port);
        AddNumber(bytes, to.Port);
        AddTlv(bytes, ProxyTlvType.UniqueId, uniqueId[..Math.Min(uniqueId.Length, MaxUniqueIdBytes)]);
        AddTlv(bytes, ProxyTlvType.Authority, authority);
        byte[] header = [.. bytes];
        int length = header.Length - ProxyHeaderV2.HeadBytes;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(ProxyHeaderV2.HeadBytes - 2), (ushort)length);
        return header;
    }

    /// <summary>Both ends in one family: where they differ, as of a listener of all addresses, in IPv6's.</summary>
    private static bool TryPair(EndPoint? source, EndPoint? destination, out IPEndPoint from, out IPEndPoint to)
    {
        from = to = new IPEndPoint(IPAddress.Any, 0);
        if (source is not IPEndPoint client || destination is not IPEndPoint server) return false;
        (from, to) = (Plain(client), Plain(server));
        if (from.AddressFamily != to.AddressFamily)
            (from, to) = (new(from.Address.MapToIPv6(), from.Port), new(to.Address.MapToIPv6(), to.Port));
        return true;
    }

    /// <summary>An IPv4 address is one, whatever socket it came from; a zone means nothing elsewhere.</summary>
    private static IPEndPoint Plain(IPEndPoint end)
    {
        if (end.Address.IsIPv4MappedToIPv6) return new IPEndPoint(end.Address.MapToIPv4(), end.Port);
        return new IPEndPoint(new IPAddress(end.Address.GetAddressBytes()), end.Port);
    }

    private static void AddTlv(List<byte> bytes, byte type, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return;
        bytes.Add(type);
        AddNumber(bytes, value.Length);
        bytes.AddRange(value);
    }

    private static void AddNumber(List<byte> bytes, int number)
    {
        bytes.Add((byte)(number >> 8));
        bytes.Add((byte)number);
    }
}
