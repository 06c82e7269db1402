using System.Text;

namespace DataPlane.Http.Caching;

/// <summary>Times in fields (RFC 9110 5.6.7), in whole seconds since 1970. Any thread; 0 bytes.</summary>
public static class HttpDate
{
    /// <summary>Bytes of the one format that is written.</summary>
    public const int Length = 29;

    private const long SecondsPerDay = 86_400;

    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    private static ReadOnlySpan<byte> Days => "SunMonTueWedThuFriSat"u8;

    /// <summary>
    /// All three formats, letters in any case, and nothing else: a time that is nearly one is in the past to whoever
    /// asks (RFC 9111 5.3). <paramref name="now"/> says which century two digits mean.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, long now, out long seconds)
    {
        seconds = 0;
        if (text.Length == Length && text[3] == ',') return TryParseUsual(text, out seconds);
        if (text.Length == 24 && text[3] == ' ') return TryParseAsctime(text, out seconds);
        return TryParseLong(text, now, out seconds);
    }

    /// <summary>Writes <see cref="Length"/> bytes: <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
    public static void Write(long seconds, Span<byte> destination) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).TryFormat(destination, out _, "R");

    // Sun, 06 Nov 1994 08:49:37 GMT
    private static bool TryParseUsual(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        return IsDay(text[..3]) && text[4] == ' ' && text[7] == ' ' && text[11] == ' ' && text[16] == ' '
            && Ascii.EqualsIgnoreCase(text[25..], " GMT"u8)
            && TryNumber(text.Slice(5, 2), out int day)
            && TryMonth(text.Slice(8, 3), out int month)
            && TryNumber(text.Slice(12, 4), out int year)
            && TrySeconds(year, month, day, text.Slice(17, 8), out seconds);
    }

    // Sun Nov  6 08:49:37 1994
    private static bool TryParseAsctime(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        var digits = text.Slice(8, 2);
        if (digits[0] == ' ') digits = digits[1..];
        return IsDay(text[..3]) && text[7] == ' ' && text[10] == ' ' && text[19] == ' '
            && TryNumber(digits, out int day)
            && TryMonth(text.Slice(4, 3), out int month)
            && TryNumber(text.Slice(20, 4), out int year)
            && TrySeconds(year, month, day, text.Slice(11, 8), out seconds);
    }

    // Sunday, 06-Nov-94 08:49:37 GMT
    private static bool TryParseLong(ReadOnlySpan<byte> text, long now, out long seconds)
    {
        seconds = 0;
        int comma = text.IndexOf((byte)',');
        if (comma < 6 || text.Length != comma + 24) return false;
        var name = text[..comma];
        var rest = text[comma..];
        bool isName = IsDay(name[..3]) && Ascii.EqualsIgnoreCase(name[^3..], "day"u8);
        if (!isName || rest[1] != ' ' || rest[4] != '-' || rest[8] != '-' || rest[11] != ' ') return false;
        if (!Ascii.EqualsIgnoreCase(rest[20..], " GMT"u8)
            || !TryNumber(rest.Slice(2, 2), out int day)
            || !TryMonth(rest.Slice(5, 3), out int month)
            || !TryNumber(rest.Slice(9, 2), out int year))
            return false;
        int thisYear = DateTimeOffset.FromUnixTimeSeconds(now).Year;
        year += thisYear / 100 * 100;
        // More than 50 years ahead is the last year with those digits.
        if (year > thisYear + 50) year -= 100;
        return TrySeconds(year, month, day, rest.Slice(12, 8), out seconds);
    }

    private static bool TrySeconds(int year, int month, int day, ReadOnlySpan<byte> clock, out long seconds)
    {
        seconds = 0;
        if (clock[2] != ':' || clock[5] != ':'
            || !TryNumber(clock[..2], out int hour)
            || !TryNumber(clock.Slice(3, 2), out int minute)
            || !TryNumber(clock.Slice(6, 2), out int second))
            return false;
        // 60: a leap second.
        if (hour > 23 || minute > 59 || second > 60 || year < 1 || day < 1) return false;
        if (day > DateTime.DaysInMonth(year, month)) return false;
        long days = new DateOnly(year, month, day).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        seconds = (days * SecondsPerDay) + (hour * 3600) + (minute * 60) + second;
        return true;
    }

    private static bool IsDay(ReadOnlySpan<byte> name) => IndexOf(Days, name) >= 0;

    private static bool TryMonth(ReadOnlySpan<byte> name, out int month)
    {
        month = IndexOf(Months, name) + 1;
        return month > 0;
    }

    private static int IndexOf(ReadOnlySpan<byte> names, ReadOnlySpan<byte> name)
    {
        int wanted = Fold(name);
        for (int at = 0; at < names.Length; at += 3)
        {
            if (Fold(names.Slice(at, 3)) == wanted) return at / 3;
        }
        return -1;
    }

    /// <summary>Three bytes without the bit that tells the cases of a letter apart: only letters get to be letters so.
    /// </summary>
    private static int Fold(ReadOnlySpan<byte> name) => (name[0] << 16 | name[1] << 8 | name[2]) | 0x202020;

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            number = (number * 10) + digit - '0';
        }
        return true;
    }
}
