using System.Buffers;
using System.Text;

namespace DataPlane.Http.Requests;

/// <summary>
/// The slow path of <see cref="CanonicalPath"/>: one walk over the raw path. Besides the segments between slashes it
/// watches the parts between slashes and encoded slashes, parameters included, because a part is what an upstream that
/// decodes %2f sees as a segment.
/// </summary>
internal ref struct PathCanonicalizer
{
    private const int EscapeBytes = 3;
    private const int MaxUtf8Bytes = 4;
    private const int NoDoubleEscape = -1;
    private const int AwaitsFirstDigit = -2;

    private readonly ReadOnlySpan<byte> _raw;
    private readonly Span<byte> _output;
    private int _at;

    /// <summary>Bytes of output before the current segment; at least the root's slash.</summary>
    private int _segmentStart;

    /// <summary>The dots of the current part as long as it has nothing else in its name, else -1.</summary>
    private int _dots;

    /// <summary>The first digit behind a %25, or one of the two constants.</summary>
    private int _doubleEscape;

    /// <summary>Neither escapes nor parameters so far.</summary>
    private bool _isPlainSegment;

    /// <summary>A semicolon was seen in this segment: the rest of it is not written.</summary>
    private bool _hasParameters;

    /// <summary>The same for the current part: the rest of it does not belong to its name.</summary>
    private bool _isInParameters;

    /// <summary>An empty segment or an encoded slash was seen, so a later <c>..</c> may mean two things.</summary>
    private bool _hasAmbiguity;

    public PathCanonicalizer(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        _raw = raw;
        _output = output;
    }

    public int Length { get; private set; }

    public PathTraits Traits { get; private set; }

    public PathFault Run()
    {
        if (_raw[0] != '/')
            return PathFault.NotAbsolute;
        _output[0] = (byte)'/';
        Length = 1;
        _at = 1;
        while (true)
        {
            StartSegment();
            while (_at < _raw.Length && _raw[_at] != '/')
            {
                var fault = ReadByte();
                if (fault != PathFault.None)
                    return fault;
            }

            var isLast = _at == _raw.Length;
            var endFault = EndSegment(isLast);
            if (endFault != PathFault.None || isLast)
                return endFault;
            _at++;
        }
    }

    private void StartSegment()
    {
        _segmentStart = Length;
        _isPlainSegment = true;
        _hasParameters = false;
        _isInParameters = false;
        _doubleEscape = NoDoubleEscape;
        _dots = 0;
    }

    private PathFault ReadByte()
    {
        var b = _raw[_at];
        switch (b)
        {
            case (byte)'%':
                return ReadEscape();
            case (byte)';':
                BeginParameters();
                _at++;
                return PathFault.None;
            case (byte)'\\':
                return PathFault.Backslash;
            case (byte)'?':
                return PathFault.ForbiddenByte;
            default:
                if (TargetBytes.Stop.Contains(b))
                    return PathFault.ForbiddenByte;
                Append(b);
                _at++;
                return PathFault.None;
        }
    }

    private PathFault ReadEscape()
    {
        if (!TryDecode(_at, out var value))
            return PathFault.BadEscape;
        _isPlainSegment = false;
        switch (value)
        {
            case 0:
                return PathFault.EncodedNul;
            case < 0x20 or 0x7f:
                return PathFault.EncodedControl;
            case (byte)'\\':
                return PathFault.Backslash;
            case >= 0x80:
                return ReadEncodedCharacter();
            case (byte)'/':
                return ReadEncodedSlash();
            case (byte)';':
                BeginParameters();
                break;
            case (byte)'?' or (byte)'#':
                Traits |= PathTraits.EncodedDelimiter;
                AppendEscape(value);
                break;
            default:
                if (IsUnreserved(value))
                    Append(value);
                else
                    AppendEscape(value);
                break;
        }

        _at += EscapeBytes;
        return PathFault.None;
    }

    private PathFault ReadEncodedSlash()
    {
        if (_dots is 1 or 2)
            return PathFault.HiddenDotSegment;
        Traits |= PathTraits.EncodedSlash;
        _hasAmbiguity = true;
        AppendEscape((byte)'/');
        _dots = 0;
        _isInParameters = false;
        _at += EscapeBytes;
        return PathFault.None;
    }

    /// <summary>One character of two to four escapes. Overlong forms (%c0%ae is a dot to a careless decoder), lone
    /// continuation bytes and surrogates are no UTF-8; C1 controls (NEL) break lines somewhere.</summary>
    private PathFault ReadEncodedCharacter()
    {
        Span<byte> bytes = stackalloc byte[MaxUtf8Bytes];
        var count = 0;
        while (count < MaxUtf8Bytes && TryDecode(_at + (count * EscapeBytes), out var value))
            bytes[count++] = value;
        if (Rune.DecodeFromUtf8(bytes[..count], out var character, out var used) != OperationStatus.Done)
            return PathFault.InvalidUtf8;
        if (character.Value < 0xa0)
            return PathFault.EncodedControl;
        foreach (var b in bytes[..used])
            AppendEscape(b);
        _at += used * EscapeBytes;
        return PathFault.None;
    }

    private void BeginParameters()
    {
        _isPlainSegment = false;
        _isInParameters = true;
        _hasParameters = true;
        _doubleEscape = NoDoubleEscape;
        Traits |= PathTraits.Parameters;
    }

    private PathFault EndSegment(bool isLast)
    {
        if (_dots is 1 or 2)
            return _isPlainSegment ? ApplyDots(_dots, isLast) : PathFault.HiddenDotSegment;
        if (Length == _segmentStart)
        {
            // The end of /a/ is no segment; an empty one in the middle, or one of parameters only, is.
            _hasAmbiguity |= !isLast || _hasParameters;
            return PathFault.None;
        }

        if (!isLast)
            _output[Length++] = (byte)'/';
        return PathFault.None;
    }

    private PathFault ApplyDots(int dots, bool isLast)
    {
        Length = _segmentStart;
        if (dots == 1)
            return PathFault.None;
        if (_hasAmbiguity)
            return PathFault.AmbiguousDotSegment;
        if (_segmentStart == 1)
            return PathFault.AboveRoot;
        Length = _output[..(_segmentStart - 1)].LastIndexOf((byte)'/') + 1;
        return PathFault.None;
    }

    private void Append(byte b)
    {
        Track(b);
        if (!_hasParameters)
            _output[Length++] = b;
    }

    private void AppendEscape(byte b)
    {
        Track(b);
        if (_hasParameters)
            return;
        _output[Length++] = (byte)'%';
        _output[Length++] = "0123456789ABCDEF"u8[b >> 4];
        _output[Length++] = "0123456789ABCDEF"u8[b & 0xf];
    }

    /// <summary>Sees every decoded byte, also those of parameters.</summary>
    private void Track(byte b)
    {
        if (!_isInParameters)
            _dots = b == '.' && _dots is 0 or 1 ? _dots + 1 : -1;

        // A percent sign only comes here out of %25: raw ones begin an escape.
        var digit = HexDigits.ValueOf(b);
        var first = _doubleEscape;
        _doubleEscape = b == '%' ? AwaitsFirstDigit : NoDoubleEscape;
        if (digit < 0 || first == NoDoubleEscape)
            return;
        if (first == AwaitsFirstDigit)
            _doubleEscape = digit;
        else if (IsWorthEncodingTwice((byte)((first << 4) | digit)))
            Traits |= PathTraits.DoubleEncoded;
    }

    private static bool IsWorthEncodingTwice(byte b) =>
        char.IsAsciiLetter((char)b) || b is (byte)'.' or (byte)'/' or (byte)'\\' or (byte)'%';

    private readonly bool TryDecode(int at, out byte value)
    {
        value = 0;
        if (at + EscapeBytes > _raw.Length || _raw[at] != '%')
            return false;
        var high = HexDigits.ValueOf(_raw[at + 1]);
        var low = HexDigits.ValueOf(_raw[at + 2]);
        value = (byte)((high << 4) | low);
        return high >= 0 && low >= 0;
    }

    private static bool IsUnreserved(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is 0x2d or 0x2e or 0x5f or 0x7e;
}
