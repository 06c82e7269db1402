using System.Net;

namespace DataPlane.Gateway.Transport.Admission;

/// <summary>
/// What counts as one client: an IPv4 address, or the prefix of an IPv6 address that one customer is given. Unknown for
/// a unix socket, where nothing is counted.
/// </summary>
public readonly record struct AddressKey(UInt128 Value, bool IsKnown)
{
    private const int AddressBits = 128;

    // ::ffff:0:0/96, so that an IPv4 client is the same on a socket of either family.
    private static readonly UInt128 s_mapped = new(0, 0xffff_0000_0000);

    public static AddressKey OfIPv4(uint address) => new(s_mapped | address, IsKnown: true);

    /// <summary>Of the first <paramref name="prefixBits"/> bits; a mapped IPv4 address is itself.</summary>
    public static AddressKey OfIPv6(UInt128 address, int prefixBits)
    {
        bool isMapped = address >> 32 == s_mapped >> 32;
        var key = isMapped ? address : address >> (AddressBits - prefixBits) << (AddressBits - prefixBits);
        return new AddressKey(key, IsKnown: true);
    }

    /// <summary>Any thread; 0 bytes.</summary>
    public static AddressKey Of(EndPoint? client, int prefixBits)
    {
        if (client is not IPEndPoint { Address: var address }) return default;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return length == 4
            ? OfIPv4(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : OfIPv6(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes), prefixBits);
    }
}
