using System.Buffers;
using DataPlane.Config;
using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// The answer to one health check as it arrives, and whether it is a good one. Gathers at most
/// <see cref="Limits.HealthAnswerBytes"/>: what is behind them is not looked at, and ends the connection.
/// </summary>
internal sealed class HealthAnswer(ActiveHealthConfig config)
{
    private readonly ExpectedAnswer _expected = new(config);
    private readonly ResponseHead _head = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _bodyStart;
    private bool _hasHead;
    private bool _isCut;

    public bool IsEmpty => _bytes.WrittenCount == 0;

    /// <summary>The answer came whole, with nothing behind it, and the endpoint keeps the connection.</summary>
    public bool MayKeepConnection { get; private set; }

    public void Reset()
    {
        _head.Reset();
        _bytes.ResetWrittenCount();
        _bodyStart = 0;
        _hasHead = false;
        _isCut = false;
        MayKeepConnection = false;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        int room = Limits.HealthAnswerBytes - _bytes.WrittenCount;
        _isCut |= bytes.Length > room;
        _bytes.Write(bytes[..Math.Min(room, bytes.Length)]);
    }

    /// <summary>False while more has to come; <paramref name="isEnd"/>: nothing will.</summary>
    public bool TryJudge(bool isEnd, out ProbeOutcome outcome)
    {
        outcome = default;
        var text = ReadOnlySpan<byte>.Empty;
        var status = _hasHead ? ParseStatus.Complete : ParseHead();
        if (status == ParseStatus.Complete) status = ReadBody(isEnd, out text);
        if (status == ParseStatus.Invalid || (status == ParseStatus.Incomplete && _isCut && !_hasHead))
        {
            outcome = new ProbeOutcome(CheckResult.BadAnswer, "its answer is not valid HTTP/1.1");
            return true;
        }
        if (status == ParseStatus.Complete || _isCut)
        {
            outcome = _expected.Judge(_head.StatusCode, text);
            return true;
        }
        if (isEnd) outcome = new ProbeOutcome(CheckResult.BadAnswer, "it closed the connection without a whole answer");
        return isEnd;
    }

    /// <summary>Interim answers are skipped.</summary>
    private ParseStatus ParseHead()
    {
        while (true)
        {
            var status = ResponseHeadParser.Parse(
                _bytes.WrittenSpan[_bodyStart..], _head, RequestMethod.Get, HeadLimits.Default);
            if (status != ParseStatus.Complete) return status;
            _bodyStart += _head.HeadLength;
            if (_head.StatusCode >= 200)
            {
                _hasHead = true;
                return status;
            }
            _head.Reset();
        }
    }

    private ParseStatus ReadBody(bool isEnd, out ReadOnlySpan<byte> text)
    {
        var rest = _bytes.WrittenSpan[_bodyStart..];
        text = rest;
        switch (_head.Framing)
        {
            case BodyFraming.Chunked:
                return ReadChunks(rest, out text);
            case BodyFraming.UntilClose:
                return isEnd ? ParseStatus.Complete : ParseStatus.Incomplete;
            default:
                long length = _head.Framing == BodyFraming.None ? 0 : _head.ContentLength;
                MayKeepConnection = _head.KeepAlive && !_isCut && rest.Length == length;
                if (rest.Length < length) return ParseStatus.Incomplete;
                text = rest[..(int)length];
                return ParseStatus.Complete;
        }
    }

    /// <summary>From the beginning each time: the body is short, and mostly comes at once.</summary>
    private ParseStatus ReadChunks(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        var decoder = new ChunkedDecoder(
            HeadLimits.Default.HeadBytes, HeadLimits.Default.FieldCount, Limits.ChunkExtensionBytes);
        var gathered = new ArrayBufferWriter<byte>();
        ChunkStatus status;
        do
        {
            status = decoder.Read(rest, out int consumed, out var data);
            if (status == ChunkStatus.Data) gathered.Write(data.Of(rest));
            rest = rest[consumed..];
        }
        while (status == ChunkStatus.Data);
        text = gathered.WrittenSpan;
        MayKeepConnection = _head.KeepAlive && !_isCut && status == ChunkStatus.End && rest.IsEmpty;
        return status switch
        {
            ChunkStatus.End => ParseStatus.Complete,
            ChunkStatus.Invalid => ParseStatus.Invalid,
            _ => ParseStatus.Incomplete,
        };
    }
}
