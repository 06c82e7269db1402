using System.Buffers;
using System.Text;

namespace DataPlane.Config.Reading;

/// <summary>
/// Bytes of a file to text, or an error with its place. Stricter than the YAML scanner, which ends at the first zero
/// character and counts U+0085, U+2028 and U+2029 as line ends: both would hide from the operator what is loaded.
/// </summary>
internal static class SourceText
{
    /// <summary>What nearly every file is made of: printable ASCII and line ends.</summary>
    private static readonly SearchValues<byte> s_plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x7f - ' ').Select(each => (byte)each), (byte)'\t', (byte)'\n', (byte)'\r']);

    public static string? Decode(ReadOnlySpan<byte> bytes, string file, ConfigErrors errors)
    {
        if (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (bytes.IndexOfAnyExcept(s_plain) < 0) return Encoding.ASCII.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        int line = 1, column = 1;
        Span<char> encoded = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int read) != System.Buffers.OperationStatus.Done)
            {
                errors.Add(
                    new SourceMark(file, line, column), "",
                    $"the byte 0x{bytes[0]:x2} is not valid UTF-8", "save the file as UTF-8");
                return null;
            }
            bytes = bytes[read..];
            if (IsForbidden(rune.Value))
            {
                errors.Add(
                    new SourceMark(file, line, column), "",
                    $"the character U+{rune.Value:X4} is not allowed here",
                    $"remove it, or write \"\\u{rune.Value:x4}\" in double quotes");
                return null;
            }
            text.Append(encoded[..rune.EncodeToUtf16(encoded)]);
            if (rune.Value == '\n') (line, column) = (line + 1, 1);
            else column++;
        }
        return text.ToString();
    }

    private static bool IsForbidden(int c) =>
        c is (< ' ' and not ('\t' or '\n' or '\r')) or (>= 0x7f and < 0xa0)
            or 0x2028 or 0x2029 or 0xfeff or 0xfffe or 0xffff;
}
