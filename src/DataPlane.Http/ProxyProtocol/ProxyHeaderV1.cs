using System.Net;
using DataPlane.Http.Requests;

namespace DataPlane.Http.ProxyProtocol;

/// <summary>Version 1: one line of text.</summary>
internal static class ProxyHeaderV1
{
    /// <summary>Bytes of the longest line with its CR LF (2.1).</summary>
    private const int MaxBytes = 107;

    public static ReadOnlySpan<byte> Signature => "PROXY "u8;

    public static ProxyHeaderStatus Parse(ReadOnlySpan<byte> bytes, ProxyHeader header)
    {
        header.Version = 1;
        var seen = bytes[..Math.Min(bytes.Length, MaxBytes)];
        int end = seen.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0 || (end == seen.Length - 1 && seen[end] == '\r'))
        {
            return bytes.Length < MaxBytes
                ? ProxyHeaderStatus.Incomplete
                : ProxyHeaderParser.Refuse(header, ProxyHeaderFault.LineEnd);
        }
        if (seen[end] != '\r' || seen[end + 1] != '\n')
            return ProxyHeaderParser.Refuse(header, ProxyHeaderFault.LineEnd);
        header.Length = end + 2;
        header.Command = ProxyCommand.Proxy;
        var fault = ReadParts(seen[Signature.Length..end], header);
        return fault == ProxyHeaderFault.None
            ? ProxyHeaderStatus.Complete
            : ProxyHeaderParser.Refuse(header, fault);
    }

    private static ProxyHeaderFault ReadParts(ReadOnlySpan<byte> parts, ProxyHeader header)
    {
        var family = Next(ref parts);
        // Whatever follows UNKNOWN is to be ignored (2.1).
        if (family.SequenceEqual("UNKNOWN"u8)) return ProxyHeaderFault.None;
        bool isV6 = family.SequenceEqual("TCP6"u8);
        if (!isV6 && !family.SequenceEqual("TCP4"u8)) return ProxyHeaderFault.LineForm;
        header.SetFamily(isV6 ? ProxyFamily.IPv6 : ProxyFamily.IPv4);
        var source = Next(ref parts);
        var destination = Next(ref parts);
        var sourcePort = Next(ref parts);
        if (source.IsEmpty || destination.IsEmpty || sourcePort.IsEmpty || parts.IsEmpty)
            return ProxyHeaderFault.LineForm;
        if (!TryAddress(source, isV6, header.SourceBuffer) || !TryAddress(destination, isV6, header.DestinationBuffer))
            return ProxyHeaderFault.Address;
        if (!TryPort(sourcePort, out int from) || !TryPort(parts, out int to)) return ProxyHeaderFault.Port;
        header.SourcePort = from;
        header.DestinationPort = to;
        return ProxyHeaderFault.None;
    }

    /// <summary>Up to the next space, which is taken too. Two in a row make an empty part.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> parts)
    {
        int space = parts.IndexOf((byte)' ');
        var part = space < 0 ? parts : parts[..space];
        parts = space < 0 ? default : parts[(space + 1)..];
        return part;
    }

    // The BCL's parser alone would take zones, octal numbers and left-out parts as well.
    private static bool TryAddress(ReadOnlySpan<byte> text, bool isV6, Span<byte> bytes) =>
        (isV6 ? Ipv6Address.IsValid(text) : Ipv6Address.IsIpv4(text))
        && IPAddress.TryParse(text, out var address)
        && address.TryWriteBytes(bytes, out _);

    private static bool TryPort(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;
        if (text.Length is 0 or > 5 || (text.Length > 1 && text[0] == '0')) return false;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            port = port * 10 + (digit - '0');
        }
        return port <= ushort.MaxValue;
    }
}
