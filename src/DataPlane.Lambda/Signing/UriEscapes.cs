using System.Buffers;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Signing;

/// <summary>Percent escapes as SigV4 wants them: all but RFC 3986's unreserved, upper-case digits. Pure.</summary>
internal static class UriEscapes
{
    private static readonly SearchValues<byte> s_unreserved = SearchValues.Create(
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static void AppendEscaped(PayloadBuffer output, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAnyExcept(s_unreserved);
            if (plain < 0) plain = text.Length;
            output.Append(text[..plain]);
            text = text[plain..];
            if (text.IsEmpty) return;
            AppendEscape(output, text[0]);
            text = text[1..];
        }
    }

    /// <summary>Escapes anew what may be escaped already, so that both forms come out the same.</summary>
    public static void AppendNormal(PayloadBuffer output, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            byte next = text[0];
            int used = 1;
            if (next == '%' && text.Length > 2
                && char.IsAsciiHexDigit((char)text[1]) && char.IsAsciiHexDigit((char)text[2]))
            {
                next = (byte)((Digit(text[1]) << 4) | Digit(text[2]));
                used = 3;
            }
            if (s_unreserved.Contains(next)) output.Append([next]);
            else AppendEscape(output, next);
            text = text[used..];
        }
    }

    private static void AppendEscape(PayloadBuffer output, byte value)
    {
        ReadOnlySpan<byte> digits = "0123456789ABCDEF"u8;
        output.Append([(byte)'%', digits[value >> 4], digits[value & 15]]);
    }

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10;
}
