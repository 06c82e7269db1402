using System.Globalization;
using System.Text;

namespace DataPlane.Lambda.Signing;

/// <summary><c>20150830T123600Z</c>, whose first eight digits are the day. Pure.</summary>
internal static class SigningTime
{
    public const int Bytes = 16;
    public const int DayBytes = 8;

    private const string Format = "yyyyMMdd'T'HHmmss'Z'";

    public static void Write(DateTimeOffset time, Span<byte> text) =>
        time.UtcDateTime.TryFormat(text, out _, Format, CultureInfo.InvariantCulture);

    public static bool TryRead(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length != Bytes) return false;
        Span<char> chars = stackalloc char[Bytes];
        Encoding.Latin1.GetChars(text, chars);
        return DateTimeOffset.TryParseExact(
            chars, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }
}
