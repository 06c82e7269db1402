using System.Text;

namespace DataPlane.Http.Caching;

/// <summary>Range with a single range of bytes (RFC 9110 14.1.2). Any thread; 0 bytes.</summary>
public static class RangeField
{
    /// <summary>The range within <paramref name="length"/> bytes when the answer is Part.</summary>
    public static RangeStatus Read(ReadOnlySpan<byte> value, long length, out long start, out long count)
    {
        start = count = 0;
        int equals = value.IndexOf((byte)'=');
        if (equals < 0 || !Ascii.EqualsIgnoreCase(value[..equals].Trim((byte)' '), "bytes"u8)) return RangeStatus.Whole;
        var range = value[(equals + 1)..].Trim(" \t"u8);
        int dash = range.IndexOf((byte)'-');
        // Several ranges would need a multipart answer, which a server may do without.
        if (dash < 0 || range.Contains((byte)',')) return RangeStatus.Whole;
        if (!TryNumber(range[..dash], out long first) || !TryNumber(range[(dash + 1)..], out long last))
            return RangeStatus.Whole;
        if (first < 0)
        {
            if (last < 0) return RangeStatus.Whole;
            if (last == 0 || length == 0) return RangeStatus.Unsatisfiable;
            count = Math.Min(last, length);
            start = length - count;
            return RangeStatus.Part;
        }
        if (last >= 0 && last < first) return RangeStatus.Whole;
        if (first >= length) return RangeStatus.Unsatisfiable;
        start = first;
        count = (last < 0 ? length : Math.Min(last + 1, length)) - first;
        return RangeStatus.Part;
    }

    // -1 for no digits; false for what is no number.
    private static bool TryNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = -1;
        if (digits.IsEmpty) return true;
        number = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            number = Math.Min(long.MaxValue / 20, (number * 10) + digit - '0');
        }
        return true;
    }
}
