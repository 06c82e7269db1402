using DataPlane.Http.Headers;

namespace DataPlane.Http.Bodies;

/// <summary>
/// Takes a chunked body (RFC 9112 7.1) apart, strictly, from pieces of any size. Extensions are checked, counted and
/// dropped, trailers too unless somebody gathers them; white space around extensions, which the RFC calls bad, is
/// refused, because parsers disagree where it ends. Framing is read byte by byte, data is only measured, never touched
/// or copied.
/// </summary>
/// <remarks>A mutable value: keep it in a field, do not copy it while in use. 0 bytes. One caller.</remarks>
public struct ChunkedDecoder
{
    private const int MaxSizeDigits = 16;

    private readonly int _maxTrailerBytes;
    private readonly int _maxTrailerFields;
    private readonly int _maxExtensionBytesPerChunk;
    private readonly long _maxExtensionBytes;
    private readonly TrailerFields? _trailers;

    private ChunkState _state;
    private ulong _remaining;
    private int _sizeDigits;
    private int _chunkExtensionBytes;
    private long _extensionBytes;
    private int _trailerBytes;
    private int _trailerFields;

    /// <summary><paramref name="maxExtensionBytes"/> bounds the extensions of the whole body together: without it a
    /// sender makes us read the per-chunk bound for every single byte of data. <paramref name="trailers"/> is given
    /// the trailers that may be passed on; null drops them all.</summary>
    public ChunkedDecoder(
        int maxTrailerBytes, int maxTrailerFields, int maxExtensionBytesPerChunk, long maxExtensionBytes = 16 * 1024,
        TrailerFields? trailers = null)
    {
        _maxTrailerBytes = maxTrailerBytes;
        _maxTrailerFields = maxTrailerFields;
        _maxExtensionBytesPerChunk = maxExtensionBytesPerChunk;
        _maxExtensionBytes = maxExtensionBytes;
        _trailers = trailers;
    }

    public ChunkFault Fault { get; private set; }

    /// <summary>The final chunk and the trailers have been read.</summary>
    public readonly bool HasEnded => _state == ChunkState.Ended;

    /// <summary>
    /// Consumes framing and at most one run of data. <paramref name="consumed"/> counts both;
    /// <paramref name="data"/> is the run's place in <paramref name="bytes"/>, empty unless the answer is Data. After
    /// End and Invalid the same answer comes again and nothing more is consumed.
    /// </summary>
    public ChunkStatus Read(ReadOnlySpan<byte> bytes, out int consumed, out ByteRange data)
    {
        consumed = 0;
        data = default;
        while (true)
        {
            switch (_state)
            {
                case ChunkState.Ended:
                    return ChunkStatus.End;
                case ChunkState.Refused:
                    return ChunkStatus.Invalid;
                case var _ when consumed == bytes.Length:
                    return ChunkStatus.NeedMore;
                case ChunkState.Data:
                    var run = (int)Math.Min(_remaining, (ulong)(bytes.Length - consumed));
                    data = new ByteRange(consumed, run);
                    consumed += run;
                    _remaining -= (ulong)run;
                    if (_remaining == 0)
                        _state = ChunkState.DataCarriageReturn;
                    return ChunkStatus.Data;
                default:
                    _state = Next(bytes[consumed]);
                    if (_state != ChunkState.Refused)
                        consumed++;
                    break;
            }
        }
    }

    private ChunkState Next(byte b) => _state switch
    {
        ChunkState.SizeStart or ChunkState.Size => NextOfSize(b),
        >= ChunkState.ExtensionNameStart and <= ChunkState.ExtensionQuotedEnd => NextOfExtension(b),
        ChunkState.SizeLineFeed => b == '\n' ? AfterSize() : Refuse(ChunkFault.BareCarriageReturn),
        ChunkState.DataCarriageReturn => b == '\r' ? ChunkState.DataLineFeed : Refuse(ChunkFault.MissingDataEnd),
        ChunkState.DataLineFeed => b == '\n' ? ChunkState.SizeStart : Refuse(ChunkFault.MissingDataEnd),
        ChunkState.LastLineFeed => b == '\n' ? ChunkState.Ended : Refuse(ChunkFault.BareCarriageReturn),
        _ => NextOfTrailer(b),
    };

    private ChunkState NextOfSize(byte b)
    {
        var digit = HexDigits.ValueOf(b);
        if (digit >= 0)
        {
            if (_state == ChunkState.SizeStart)
            {
                _remaining = 0;
                _sizeDigits = 0;
                _chunkExtensionBytes = 0;
            }

            if (++_sizeDigits > MaxSizeDigits)
                return Refuse(ChunkFault.SizeTooLarge);
            _remaining = (_remaining << 4) | (uint)digit;
            return ChunkState.Size;
        }

        return b switch
        {
            _ when _state == ChunkState.SizeStart => Refuse(ChunkFault.BadSize),
            _ when _remaining > long.MaxValue => Refuse(ChunkFault.SizeTooLarge),
            (byte)'\r' => ChunkState.SizeLineFeed,
            (byte)'\n' => Refuse(ChunkFault.BareLineFeed),
            (byte)';' => ChunkState.ExtensionNameStart,
            _ => Refuse(ChunkFault.BadSize),
        };
    }

    /// <summary>CVE-2025-55315 and its kin: a CR or LF inside an extension that one parser takes for the line's end and
    /// another does not. Here only CRLF ends a line, and only where the grammar allows it.</summary>
    private ChunkState NextOfExtension(byte b)
    {
        var mayEnd = _state
            is ChunkState.ExtensionName or ChunkState.ExtensionToken or ChunkState.ExtensionQuotedEnd;
        if (b == '\r' && mayEnd)
            return ChunkState.SizeLineFeed;
        if (b == '\n')
            return Refuse(ChunkFault.BareLineFeed);
        _extensionBytes++;
        if (++_chunkExtensionBytes > _maxExtensionBytesPerChunk || _extensionBytes > _maxExtensionBytes)
            return Refuse(ChunkFault.ExtensionTooLong);
        var isToken = FieldBytes.Token.Contains(b);
        return _state switch
        {
            ChunkState.ExtensionNameStart when isToken => ChunkState.ExtensionName,
            ChunkState.ExtensionName when isToken => ChunkState.ExtensionName,
            ChunkState.ExtensionName when b == '=' => ChunkState.ExtensionValueStart,
            ChunkState.ExtensionValueStart when b == '"' => ChunkState.ExtensionQuoted,
            ChunkState.ExtensionValueStart or ChunkState.ExtensionToken when isToken => ChunkState.ExtensionToken,
            ChunkState.ExtensionQuoted when b == '"' => ChunkState.ExtensionQuotedEnd,
            ChunkState.ExtensionQuoted when b == '\\' => ChunkState.ExtensionEscape,
            ChunkState.ExtensionQuoted or ChunkState.ExtensionEscape when !FieldBytes.ValueStop.Contains(b) =>
                ChunkState.ExtensionQuoted,
            ChunkState.ExtensionName or ChunkState.ExtensionToken or ChunkState.ExtensionQuotedEnd when b == ';' =>
                ChunkState.ExtensionNameStart,
            _ => Refuse(ChunkFault.BadExtension),
        };
    }

    private ChunkState AfterSize() => _remaining > 0 ? ChunkState.Data : ChunkState.TrailerStart;

    /// <summary>The rules of header lines: token, colon at once, value without control bytes, no folding.</summary>
    private ChunkState NextOfTrailer(byte b)
    {
        if (b == '\n' && _state != ChunkState.TrailerLineFeed)
            return Refuse(ChunkFault.BareLineFeed);
        if (b == '\r' && _state == ChunkState.TrailerStart)
            return ChunkState.LastLineFeed;
        if (++_trailerBytes > _maxTrailerBytes)
            return Refuse(ChunkFault.TrailerTooLarge);
        switch (_state)
        {
            case ChunkState.TrailerStart when FieldBytes.Token.Contains(b):
                _trailers?.Put(b);
                return ++_trailerFields > _maxTrailerFields
                    ? Refuse(ChunkFault.TooManyTrailers)
                    : ChunkState.TrailerName;
            case ChunkState.TrailerName when FieldBytes.Token.Contains(b):
                _trailers?.Put(b);
                return ChunkState.TrailerName;
            case ChunkState.TrailerName when b == ':':
                _trailers?.Put(b);
                return ChunkState.TrailerValue;
            case ChunkState.TrailerValue when b == '\r':
                return ChunkState.TrailerLineFeed;
            case ChunkState.TrailerValue when !FieldBytes.ValueStop.Contains(b):
                _trailers?.Put(b);
                return ChunkState.TrailerValue;
            case ChunkState.TrailerLineFeed when b == '\n':
                _trailers?.EndLine();
                return ChunkState.TrailerStart;
            case ChunkState.TrailerLineFeed:
                return Refuse(ChunkFault.BareCarriageReturn);
            default:
                return Refuse(ChunkFault.BadTrailer);
        }
    }

    private ChunkState Refuse(ChunkFault fault)
    {
        Fault = fault;
        return ChunkState.Refused;
    }
}
