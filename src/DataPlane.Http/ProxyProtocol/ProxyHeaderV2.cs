using System.Buffers.Binary;
using System.Numerics;

namespace DataPlane.Http.ProxyProtocol;

/// <summary>Version 2: a fixed head, addresses by family, and extensions (2.2).</summary>
internal static class ProxyHeaderV2
{
    /// <summary>Signature, version and command, family and transport, length.</summary>
    public const int HeadBytes = 16;

    private const int MaxUniqueIdBytes = 128;

    /// <summary>In front of what PP2_TYPE_SSL holds: its flags and the outcome of verification.</summary>
    private const int SslHeadBytes = 5;

    public static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    public static ProxyHeaderStatus Parse(ReadOnlySpan<byte> bytes, ProxyHeader header)
    {
        header.Version = 2;
        // Each byte is judged as soon as it is there: a wrong one need not wait for the rest.
        if (bytes.Length > 12 && bytes[12] >> 4 != 2) return Refuse(header, ProxyHeaderFault.Version);
        if (bytes.Length > 12 && (bytes[12] & 0xf) > 1) return Refuse(header, ProxyHeaderFault.Command);
        if (bytes.Length < HeadBytes) return ProxyHeaderStatus.Incomplete;
        header.Command = (ProxyCommand)(bytes[12] & 0xf);
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        header.Length = HeadBytes + length;
        if (header.Length > ProxyHeaderParser.MaxBytes) return Refuse(header, ProxyHeaderFault.Length);
        // The family of a LOCAL connection must be ignored, and so is what follows it.
        bool isLocal = header.Command == ProxyCommand.Local;
        if (!isLocal && !TryFamily(bytes[13], header)) return Refuse(header, ProxyHeaderFault.Family);
        int addresses = AddressBlockOf(header.Family);
        if (length < addresses) return Refuse(header, ProxyHeaderFault.Length);
        if (bytes.Length < header.Length) return ProxyHeaderStatus.Incomplete;
        if (isLocal || header.Family == ProxyFamily.Unknown) return ProxyHeaderStatus.Complete;
        CopyAddresses(bytes.Slice(HeadBytes, addresses), header);
        header.Tlvs = new ByteRange(HeadBytes + addresses, length - addresses);
        var fault = CheckTlvs(bytes[..header.Length], header.Tlvs);
        return fault == ProxyHeaderFault.None ? ProxyHeaderStatus.Complete : Refuse(header, fault);
    }

    private static ProxyHeaderStatus Refuse(ProxyHeader header, ProxyHeaderFault fault) =>
        ProxyHeaderParser.Refuse(header, fault);

    private static bool TryFamily(byte value, ProxyHeader header)
    {
        header.SetFamily((ProxyFamily)(value >> 4));
        header.IsDatagram = (value & 0xf) == 2;
        return value is 0x00 or 0x11 or 0x12 or 0x21 or 0x22 or 0x31 or 0x32;
    }

    private static int AddressBlockOf(ProxyFamily family) => family switch
    {
        ProxyFamily.IPv4 => 12,
        ProxyFamily.IPv6 => 36,
        ProxyFamily.Unix => 2 * ProxyHeader.AddressBytes,
        _ => 0,
    };

    private static void CopyAddresses(ReadOnlySpan<byte> block, ProxyHeader header)
    {
        int length = header.Source.Length;
        block[..length].CopyTo(header.SourceBuffer);
        block.Slice(length, length).CopyTo(header.DestinationBuffer);
        if (header.Family == ProxyFamily.Unix) return;
        header.SourcePort = BinaryPrimitives.ReadUInt16BigEndian(block[(2 * length)..]);
        header.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(block[(2 * length + 2)..]);
    }

    private static ProxyHeaderFault CheckTlvs(ReadOnlySpan<byte> bytes, ByteRange tlvs)
    {
        var reader = new ProxyTlvReader(tlvs.Of(bytes));
        bool hasChecksum = false;
        while (reader.TryNext())
        {
            bool isFit = reader.Type switch
            {
                ProxyTlvType.Checksum => reader.Value.Length == sizeof(uint) && !hasChecksum,
                ProxyTlvType.UniqueId => reader.Value.Length <= MaxUniqueIdBytes,
                ProxyTlvType.Ssl => IsSsl(reader.Value),
                _ => true,
            };
            if (!isFit) return ProxyHeaderFault.Tlv;
            if (reader.Type != ProxyTlvType.Checksum) continue;
            hasChecksum = true;
            bytes.Overlaps(reader.Value, out int place);
            if (ChecksumWithout(bytes, place) != BinaryPrimitives.ReadUInt32BigEndian(reader.Value))
                return ProxyHeaderFault.Checksum;
        }
        return reader.IsBroken ? ProxyHeaderFault.Tlv : ProxyHeaderFault.None;
    }

    private static bool IsSsl(ReadOnlySpan<byte> value)
    {
        if (value.Length < SslHeadBytes) return false;
        var reader = new ProxyTlvReader(value[SslHeadBytes..]);
        while (reader.TryNext())
        {
        }
        return !reader.IsBroken;
    }

    /// <summary>CRC32C (RFC 4960, appendix B) with four zeros in place of the checksum.</summary>
    internal static uint ChecksumWithout(ReadOnlySpan<byte> bytes, int place)
    {
        uint crc = uint.MaxValue;
        for (int index = 0; index < bytes.Length; index++)
        {
            bool isChecksum = index >= place && index < place + sizeof(uint);
            crc = BitOperations.Crc32C(crc, isChecksum ? (byte)0 : bytes[index]);
        }
        return ~crc;
    }
}
