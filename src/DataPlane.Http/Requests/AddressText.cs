using System.Buffers.Text;

namespace DataPlane.Http.Requests;

/// <summary>
/// Reads an IP address as proxies write it in X-Forwarded-For: IPv4, IPv6, IPv6 in brackets, each of the last two forms
/// and IPv4 also with a port. 0 bytes; any thread.
/// </summary>
public static class AddressText
{
    private const int Groups = 8;

    /// <summary>IPv4 as mapped to IPv6 (<c>::ffff:a.b.c.d</c>).</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = 0;
        if (!text.IsEmpty && text[0] == '[')
        {
            int close = text.IndexOf((byte)']');
            if (close < 0 || !IsPortOrNothing(text[(close + 1)..])) return false;
            return TryReadIpv6(text[1..close], out address);
        }
        int colon = text.IndexOf((byte)':');
        if (colon >= 0 && text.Count((byte)':') > 1) return TryReadIpv6(text, out address);
        if (colon >= 0 && !IsPortOrNothing(text[colon..])) return false;
        if (!TryReadIpv4(colon < 0 ? text : text[..colon], out uint ipv4)) return false;
        address = Mapped(ipv4);
        return true;
    }

    /// <summary>An IPv4 address as one of IPv6.</summary>
    public static UInt128 Mapped(uint ipv4) => ((UInt128)0xffff << 32) | ipv4;

    private static bool IsPortOrNothing(ReadOnlySpan<byte> rest) =>
        rest.IsEmpty || (rest.Length is > 1 and <= 6 && rest[0] == ':'
            && !rest[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));

    private static bool TryReadIpv6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = 0;
        if (!Ipv6Address.IsValid(text)) return false;
        int gap = text.IndexOf("::"u8);
        if (gap < 0)
        {
            address = GroupsOf(text, out _);
            return true;
        }
        var left = GroupsOf(text[..gap], out int count);
        address = GroupsOf(text[(gap + 2)..], out _);
        if (count > 0) address |= left << (16 * (Groups - count));
        return true;
    }

    /// <summary>What is known to be a list of groups, right-aligned.</summary>
    private static UInt128 GroupsOf(ReadOnlySpan<byte> text, out int count)
    {
        UInt128 value = 0;
        count = 0;
        while (!text.IsEmpty)
        {
            int colon = text.IndexOf((byte)':');
            var group = colon < 0 ? text : text[..colon];
            text = colon < 0 ? default : text[(colon + 1)..];
            if (TryReadIpv4(group, out uint ipv4) && group.Contains((byte)'.'))
            {
                value = (value << 32) | ipv4;
                count += 2;
                continue;
            }
            Utf8Parser.TryParse(group, out ushort bits, out _, 'x');
            value = (value << 16) | bits;
            count++;
        }
        return value;
    }

    private static bool TryReadIpv4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        for (int part = 0; part < 4; part++)
        {
            int dot = text.IndexOf((byte)'.');
            if ((dot < 0) != (part == 3)) return false;
            var digits = dot < 0 ? text : text[..dot];
            bool isByte = digits.Length is 1 or 2 or 3 && (digits.Length == 1 || digits[0] != '0')
                && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9');
            if (!isByte || !Utf8Parser.TryParse(digits, out byte number, out _)) return false;
            address = (address << 8) | number;
            text = dot < 0 ? default : text[(dot + 1)..];
        }
        return true;
    }
}
