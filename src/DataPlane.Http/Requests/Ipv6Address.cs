namespace DataPlane.Http.Requests;

/// <summary>IPv6address of RFC 3986 3.2.2. The BCL's parser also takes zone ids, ports and prefix lengths.</summary>
internal static class Ipv6Address
{
    private const int Groups = 8;

    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        var gap = text.IndexOf("::"u8);
        if (gap < 0)
            return CountGroups(text, mayEndInIpv4: true) == Groups;
        var head = text[..gap];
        var tail = text[(gap + 2)..];
        var before = head.IsEmpty ? 0 : CountGroups(head, mayEndInIpv4: false);
        var after = tail.IsEmpty ? 0 : CountGroups(tail, mayEndInIpv4: true);
        return before >= 0 && after >= 0 && before + after < Groups; // a gap stands for at least one group
    }

    /// <summary>-1 when the text is no list of groups; an IPv4 address at the end counts for two.</summary>
    private static int CountGroups(ReadOnlySpan<byte> text, bool mayEndInIpv4)
    {
        var count = 0;
        while (count <= Groups)
        {
            var colon = text.IndexOf((byte)':');
            var group = colon < 0 ? text : text[..colon];
            if (colon < 0 && mayEndInIpv4 && group.Contains((byte)'.'))
                return IsIpv4(group) ? count + 2 : -1;
            if (!IsGroup(group))
                return -1;
            count++;
            if (colon < 0)
                return count;
            text = text[(colon + 1)..];
        }

        return -1;
    }

    private static bool IsGroup(ReadOnlySpan<byte> group)
    {
        if (group.Length is 0 or > 4)
            return false;
        foreach (var digit in group)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
        }

        return true;
    }

    /// <summary>Four decimal numbers up to 255, none with a leading zero.</summary>
    public static bool IsIpv4(ReadOnlySpan<byte> text)
    {
        for (var part = 0; part < 4; part++)
        {
            var dot = text.IndexOf((byte)'.');
            var number = dot < 0 ? text : text[..dot];
            if ((dot < 0) != (part == 3) || !IsByte(number))
                return false;
            text = dot < 0 ? default : text[(dot + 1)..];
        }

        return true;
    }

    private static bool IsByte(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0'))
            return false;
        var sum = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            sum = (sum * 10) + (digit - '0');
        }

        return sum <= byte.MaxValue;
    }
}
