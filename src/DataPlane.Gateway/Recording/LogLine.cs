using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes one line into space that is known to hold it: every piece has a limit, and
/// <see cref="RecordingLimits.LineBytes"/> is above their sum (a test fills all of them). 0 bytes.
/// </summary>
internal ref struct LogLine(Span<byte> space)
{
    /// <summary>Printable ASCII without quote and backslash: plain in both formats.</summary>
    private static readonly SearchValues<byte> s_plain = SearchValues.Create(PlainAscii());

    private readonly Span<byte> _space = space;

    public int Length { get; private set; }

    /// <summary>Bytes that need no care: our own words and numbers.</summary>
    public void Literal(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_space[Length..]);
        Length += text.Length;
    }

    public void Byte(byte value) => _space[Length++] = value;

    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, _space[Length..], out int written);
        Length += written;
    }

    /// <summary>Seconds with six decimals.</summary>
    public void Seconds(long microseconds)
    {
        (long seconds, long fraction) = Math.DivRem(Math.Max(0, microseconds), 1_000_000);
        Number(seconds);
        var digits = _space.Slice(Length, 7);
        digits[0] = (byte)'.';
        // 32-bit division by a constant is a multiplication; this runs four times a line.
        uint rest = (uint)fraction;
        for (int each = 6; each > 0; each--)
        {
            digits[each] = (byte)('0' + (rest % 10));
            rest /= 10;
        }
        Length += 7;
    }

    /// <summary>The inside of a JSON string, cut at <paramref name="maxBytes"/>, at a whole character.</summary>
    public void Json(ReadOnlySpan<byte> text, int maxBytes)
    {
        if (text.Length <= maxBytes && !text.ContainsAnyExcept(s_plain)) Literal(text);
        else EscapeJson(text, maxBytes);
    }

    /// <summary>The inside of a quoted field of the common log format, cut at <paramref name="maxBytes"/>.</summary>
    public void Quoted(ReadOnlySpan<byte> text, int maxBytes)
    {
        if (text.Length <= maxBytes && !text.ContainsAnyExcept(s_plain)) Literal(text);
        else EscapeQuoted(text, maxBytes);
    }

    private static byte[] PlainAscii() =>
        [.. Enumerable.Range(' ', 0x7f - ' ').Select(each => (byte)each).Where(each => each is not (0x22 or 0x5c))];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EscapeJson(ReadOnlySpan<byte> text, int maxBytes)
    {
        var field = _space.Slice(Length, maxBytes);
        Span<byte> escaped = stackalloc byte[6];
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out int taken);
            int length = status == OperationStatus.Done ? EscapeRune(rune, escaped) : EscapeUnit(0xfffd, escaped);
            if (length > field.Length) return;
            escaped[..length].CopyTo(field);
            field = field[length..];
            Length += length;
            text = text[taken..];
        }
    }

    private static int EscapeRune(Rune rune, Span<byte> escaped)
    {
        if (rune.Value is '"' or '\\')
        {
            escaped[0] = (byte)'\\';
            escaped[1] = (byte)rune.Value;
            return 2;
        }
        // DEL and C1 controls are legal in JSON, but steer the terminal of whoever reads the log.
        return Rune.IsControl(rune) ? EscapeUnit(rune.Value, escaped) : rune.EncodeToUtf8(escaped);
    }

    private static int EscapeUnit(int value, Span<byte> escaped)
    {
        "\\u"u8.CopyTo(escaped);
        Utf8Formatter.TryFormat((ushort)value, escaped[2..], out _, new StandardFormat('x', 4));
        return 6;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EscapeQuoted(ReadOnlySpan<byte> text, int maxBytes)
    {
        int end = Length + maxBytes;
        foreach (byte each in text)
        {
            bool isPlain = s_plain.Contains(each);
            if (Length + (isPlain ? 1 : 4) > end) return;
            if (isPlain)
            {
                _space[Length++] = each;
                continue;
            }
            // \xHH for every byte that is not printable ASCII: the Apache and nginx spelling.
            Literal("\\x"u8);
            Utf8Formatter.TryFormat(each, _space[Length..], out _, new StandardFormat('X', 2));
            Length += 2;
        }
    }
}
