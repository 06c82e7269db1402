using System.Buffers;
using System.Text;

namespace DataPlane.Gateway.Pipeline.Templates;

/// <summary>
/// How a value of the request is written into its surroundings: which bytes stand as they are; the others become
/// percent escapes, and escapes that are there already stay, since what a request sent is encoded once (RFC 3986 2.4).
/// Any thread; 0 bytes. Source: RFC 3986 3.2.2, 3.3, 3.4; RFC 9110 5.5.
/// </summary>
internal sealed class ValueEncoding
{
    private const string Unreserved = "-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string SubDelimiters = "!$&'()*+,;=";
    private const int EscapeBytes = 3;

    /// <summary>One segment of a path: a slash, and the semicolon that servers take for the end of a segment, are
    /// data.</summary>
    public static readonly ValueEncoding Segment = new(Unreserved + "!$&'()*+,=:@", refusesDots: true);

    /// <summary>Captures and the whole path: canonical, so their slashes stand between real segments.</summary>
    public static readonly ValueEncoding Path = new(Unreserved + SubDelimiters + ":@/", refusesDots: true);

    /// <summary>The host of a URI, an IPv6 address in its brackets. An empty one is refused: <c>https:///a/b</c> is
    /// host <c>a</c> to a browser.</summary>
    public static readonly ValueEncoding Authority = new(Unreserved + "[]:", refusesDots: true, refusesEmpty: true);

    /// <summary>A value in a query: <c>&amp;</c> and <c>=</c> would add a field, <c>+</c> would become a
    /// space.</summary>
    public static readonly ValueEncoding QueryValue = new(Unreserved + ":@/");

    /// <summary>A whole query.</summary>
    public static readonly ValueEncoding Query = new(Unreserved + SubDelimiters + ":@/?");

    /// <summary>A field value: nothing is escaped, and a control byte is refused.</summary>
    public static readonly ValueEncoding HeaderValue = new(plain: null);

    private readonly SearchValues<byte>? _plain;
    private readonly bool _refusesDots;
    private readonly bool _refusesEmpty;

    private ValueEncoding(string? plain, bool refusesDots = false, bool refusesEmpty = false)
    {
        _plain = plain is null ? null : SearchValues.Create(Encoding.ASCII.GetBytes(plain));
        _refusesDots = refusesDots;
        _refusesEmpty = refusesEmpty;
    }

    /// <summary>Bytes written, or <see cref="CompiledTemplate.DoesNotFit"/> or
    /// <see cref="CompiledTemplate.Refused"/>.</summary>
    public int Write(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        if (value.IsEmpty) return _refusesEmpty ? CompiledTemplate.Refused : 0;
        // A value of dots next to the operator's slashes climbs out of the directory; canonical captures never are one,
        // but a request id is whatever the client sent.
        if (_refusesDots && value.Length <= 2 && value.IndexOfAnyExcept((byte)'.') < 0) return CompiledTemplate.Refused;
        // Control bytes are plain nowhere, so a plain value is looked at once.
        var isPlain = _plain is not null && !value.ContainsAnyExcept(_plain);
        if (!isPlain && HasControl(value)) return CompiledTemplate.Refused;
        if (!isPlain && _plain is not null) return WriteEscaped(value, _plain, destination);
        return value.TryCopyTo(destination) ? value.Length : CompiledTemplate.DoesNotFit;
    }

    private static bool HasControl(ReadOnlySpan<byte> value) =>
        value.ContainsAnyInRange((byte)0, (byte)0x1f) || value.Contains((byte)0x7f);

    private static int WriteEscaped(ReadOnlySpan<byte> value, SearchValues<byte> plain, Span<byte> destination)
    {
        var written = 0;
        while (true)
        {
            var run = value.IndexOfAnyExcept(plain);
            if (run < 0) run = value.Length;
            if (!value[..run].TryCopyTo(destination[written..])) return CompiledTemplate.DoesNotFit;
            written += run;
            if (run == value.Length) return written;
            value = value[run..];
            if (destination.Length - written < EscapeBytes) return CompiledTemplate.DoesNotFit;
            var escape = destination.Slice(written, EscapeBytes);
            if (IsEscape(value))
            {
                value[..EscapeBytes].CopyTo(escape);
                value = value[EscapeBytes..];
            }
            else
            {
                escape[0] = (byte)'%';
                Convert.TryToHexString(value[..1], escape[1..], out _);
                value = value[1..];
            }
            written += EscapeBytes;
        }
    }

    private static bool IsEscape(ReadOnlySpan<byte> value) =>
        value.Length >= EscapeBytes
        && value[0] == '%'
        && char.IsAsciiHexDigit((char)value[1])
        && char.IsAsciiHexDigit((char)value[2]);
}
