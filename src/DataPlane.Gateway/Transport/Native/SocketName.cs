using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using DataPlane.Gateway.Transport.Admission;

namespace DataPlane.Gateway.Transport.Native;

/// <summary>
/// The address of one end of an IP socket as the kernel writes it, 28 bytes, kept by value until someone asks for an
/// <see cref="EndPoint"/>: that would be three objects per connection. All zero for a unix socket.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketName
{
    public const int Size = 28;

    private uint _family;
    private uint _first;
    private ulong _second;
    private ulong _third;
    private uint _last;

    public readonly EndPoint? ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[Size];
        MemoryMarshal.Write(bytes, _family);
        MemoryMarshal.Write(bytes[4..], _first);
        MemoryMarshal.Write(bytes[8..], _second);
        MemoryMarshal.Write(bytes[16..], _third);
        MemoryMarshal.Write(bytes[24..], _last);
        return Decode(bytes);
    }

    public static SocketName From(ReadOnlySpan<byte> bytes) => new()
    {
        _family = MemoryMarshal.Read<uint>(bytes),
        _first = MemoryMarshal.Read<uint>(bytes[4..]),
        _second = MemoryMarshal.Read<ulong>(bytes[8..]),
        _third = MemoryMarshal.Read<ulong>(bytes[16..]),
        _last = MemoryMarshal.Read<uint>(bytes[24..]),
    };

    /// <summary>The client as limits count it.</summary>
    public readonly AddressKey ToKey(int prefixBits)
    {
        if ((ushort)_family == LibC.AddressFamilyInet) return AddressKey.OfIPv4(BigEndian(_first));
        if ((ushort)_family != LibC.AddressFamilyInet6) return default;
        // Behind family, port and flow label: the address, from the eighth byte on.
        return AddressKey.OfIPv6(new UInt128(BigEndian(_second), BigEndian(_third)), prefixBits);
    }

    private static uint BigEndian(uint value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    private static ulong BigEndian(ulong value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)); null for every other family.</summary>
    public static IPEndPoint? Decode(ReadOnlySpan<byte> bytes)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return MemoryMarshal.Read<ushort>(bytes) switch
        {
            LibC.AddressFamilyInet => new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), port),
            LibC.AddressFamilyInet6 =>
                new IPEndPoint(new IPAddress(bytes.Slice(8, 16), MemoryMarshal.Read<uint>(bytes[24..])), port),
            _ => null,
        };
    }

    /// <summary>The local address of an IP or unix socket; null for another kind, a nameless or a closed one.</summary>
    public static unsafe EndPoint? AddressOf(int fd)
    {
        const int unixNameBytes = 110;
        byte* name = stackalloc byte[unixNameBytes];
        int length = unixNameBytes;
        if (LibC.LocalName(fd, name, &length) < 0 || length <= sizeof(ushort)) return null;
        var bytes = new ReadOnlySpan<byte>(name, Math.Min(length, unixNameBytes));
        if (MemoryMarshal.Read<ushort>(bytes) != LibC.AddressFamilyUnix)
            return length < Size / 2 ? null : Decode(new ReadOnlySpan<byte>(name, Size));
        var path = bytes[sizeof(ushort)..];
        // A path ends with a zero; an abstract name begins with one.
        if (path[0] != 0) path = path.TrimEnd((byte)0);
        return new UnixDomainSocketEndPoint(Encoding.UTF8.GetString(path));
    }

    /// <summary>The local address of an IP socket; null for another kind or a closed one.</summary>
    public static unsafe IPEndPoint? LocalOf(int fd)
    {
        byte* name = stackalloc byte[Size];
        int length = Size;
        return LibC.LocalName(fd, name, &length) < 0 ? null : Decode(new ReadOnlySpan<byte>(name, Size));
    }
}
