using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

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

    /// <summary>The local address of an IP socket; null for another kind or a closed one.</summary>
    public static unsafe IPEndPoint? LocalOf(int fd)
    {
        byte* name = stackalloc byte[Size];
        int length = Size;
        return LibC.LocalName(fd, name, &length) < 0 ? null : Decode(new ReadOnlySpan<byte>(name, Size));
    }
}
