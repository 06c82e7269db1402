using System.Buffers;
using System.Text;

namespace DataPlane.Gateway.Recording;

/// <summary>Renders <c>name="value"</c> once, so that a scrape copies bytes instead of escaping them again.</summary>
public static class MetricLabel
{
    /// <summary>
    /// Escapes backslash, quote and line feed, as both expositions want it. Invalid UTF-8 becomes U+FFFD: one bad byte
    /// would make scrapers refuse the whole page. Allocates.
    /// </summary>
    public static byte[] Render(string name, ReadOnlySpan<byte> value)
    {
        var rendered = new ArrayBufferWriter<byte>(name.Length + value.Length + 3);
        rendered.Write(Encoding.ASCII.GetBytes(name));
        rendered.Write("=\""u8);
        while (!value.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(value, out var rune, out int length);
            if (status != OperationStatus.Done) rendered.Write("\uFFFD"u8);
            else WriteEscaped(rendered, rune);
            value = value[length..];
        }
        rendered.Write("\""u8);
        return rendered.WrittenSpan.ToArray();
    }

    public static byte[] Render(string name, string value) => Render(name, Encoding.UTF8.GetBytes(value));

    private static void WriteEscaped(ArrayBufferWriter<byte> rendered, Rune rune)
    {
        switch (rune.Value)
        {
            case '\\':
                rendered.Write("\\\\"u8);
                break;
            case '"':
                rendered.Write("\\\""u8);
                break;
            case '\n':
                rendered.Write("\\n"u8);
                break;
            default:
                rendered.Advance(rune.EncodeToUtf8(rendered.GetSpan(4)));
                break;
        }
    }
}
