using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Http2;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// One request and its response on a <see cref="MultiplexedConnection"/>, whose reader fills it and whose user empties
/// it. Nobody is told what has happened, but only that something has: see <see cref="ChangedAsync"/>. Taken from its
/// connection for one exchange, and given back by <see cref="Release"/>. Loop thread; 0 bytes.
/// </summary>
internal sealed class UpstreamStream
{
    private const long AnyLength = -1;

    private readonly MultiplexedConnection _connection;
    private readonly LoopWait _response;
    private readonly LoopWait _room;
    private readonly FieldLines _head;
    private readonly FieldLines _trailers;
    private ReceivedBytes _received;
    private RequestMethod _method;
    private HeadLimits _limits;
    private long _bodyLeft;
    private int _receiveWindow;
    private int _untold;
    private int _interim;
    private long _batchesBefore;

    public UpstreamStream(MultiplexedConnection connection)
    {
        _connection = connection;
        _response = new LoopWait(connection.Loop);
        _room = new LoopWait(connection.Loop);
        _head = new FieldLines(connection.Loop, isHead: true);
        _trailers = new FieldLines(connection.Loop, isHead: false);
    }

    public MultiplexedConnection Connection => _connection;

    /// <summary>0 until the request's head is sent: ids must go up from frame to frame.</summary>
    public int Id { get; private set; }

    /// <summary>Of the final response; meaningful once it <see cref="HasHead"/>.</summary>
    public ResponseHead Head { get; } = new();

    /// <summary>The bytes <see cref="Head"/> points into, until the stream is released.</summary>
    public byte[] HeadBytes => _head.Bytes;

    /// <summary>As <c>name: value CRLF</c>; complete once the response <see cref="HasEnded"/>.</summary>
    public ReadOnlySpan<byte> TrailerLines => _trailers.Bytes.AsSpan(0, _trailers.Length);

    public bool HasHead { get; private set; }

    /// <summary>The whole response is there.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Completed, or what ended the stream before its response was whole.</summary>
    public ExchangeOutcome Failure { get; private set; }

    /// <summary>The upstream has said that it did not work on the request (RFC 9113 8.7).</summary>
    public bool IsUnprocessed { get; private set; }

    /// <summary>
    /// The connection broke, and nothing had come on it since the request was sent: it may have been dead before.
    /// </summary>
    public bool IsStale =>
        Failure == ExchangeOutcome.UpstreamClosed && _connection.IsClosed && !IsReset && Id > 1
        && _connection.BatchesReceived == _batchesBefore;

    /// <summary>Nothing may be sent on it any more: reset by either side, or its connection is closed.</summary>
    public bool IsGone => IsReset || _connection.IsClosed;

    /// <summary>Bytes of the response's body that are there.</summary>
    public long ReceivedLength => _received.Length;

    /// <summary>The first of them, as many as lie together.</summary>
    public ReadOnlyMemory<byte> FirstRun => _received.First;

    internal bool IsReset { get; private set; }

    internal bool HasEndedOutput { get; private set; }

    /// <summary>Bytes the upstream lets us send; below 0 after a setting that took back what was granted.</summary>
    internal int SendWindow { get; private set; }

    /// <summary>The connection has something to tell, in the order of <see cref="NextReady"/>.</summary>
    internal bool IsReady { get; set; }

    internal UpstreamStream? NextReady { get; set; }

    /// <summary>Among those that the connection tells when there is room.</summary>
    internal bool IsListed { get; set; }

    internal bool WaitsForRoom => _room.IsPending;

    public void Begin(RequestMethod method, in HeadLimits limits)
    {
        _method = method;
        _limits = limits;
        _bodyLeft = AnyLength;
        _receiveWindow = _connection.StreamWindowBytes;
        _untold = _interim = 0;
        Id = SendWindow = 0;
        HasHead = HasEnded = HasEndedOutput = IsReset = IsUnprocessed = false;
        Failure = ExchangeOutcome.Completed;
        Head.Reset();
    }

    /// <summary>Waits until head, body, end or failure have come, or <see cref="Interrupt"/> was called.</summary>
    public ValueTask<bool> ChangedAsync() => _response.WaitAsync();

    /// <summary>Waits until more may be sent, or never will be.</summary>
    public ValueTask<bool> RoomAsync()
    {
        _connection.AwaitRoom(this);
        return _room.WaitAsync();
    }

    /// <summary>Ends both waits: their reason is known to who waits.</summary>
    public void Interrupt()
    {
        _response.EndLater();
        _room.EndLater();
    }

    /// <summary>
    /// Sends what fits of a run, and the end of the request behind the last byte. Bytes taken; all of an empty run.
    /// </summary>
    public int Send(ReadOnlySpan<byte> bytes, bool endsStream) => _connection.SendData(this, bytes, endsStream);

    /// <summary>
    /// A field of the trailers; without it there, of the head: an answer may have nothing else. Once it
    /// <see cref="HasEnded"/>.
    /// </summary>
    public bool TryFindLast(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var lines = TrailerLines;
        while (TrailerFields.TryTake(ref lines, out var each, out value))
        {
            if (each.SequenceEqual(name)) return true;
        }
        bool isInHead = Head.TryFind(HeadBytes, name, out var field);
        value = isInHead ? field.Value(HeadBytes) : default;
        return isInHead;
    }

    /// <summary>Gives back bytes of <see cref="FirstRun"/>, and the upstream its window.</summary>
    public void Advance(int length)
    {
        _received.Take(_connection.Loop.Slabs, length);
        GiveBack(length);
    }

    /// <summary>The exchange is done with it: what is not at its end is reset.</summary>
    public void Release()
    {
        if (Id != 0 && !IsGone && !(HasEnded && HasEndedOutput)) _connection.Reset(this, Http2ErrorCode.Cancel);
        _received.Clear(_connection.Loop.Slabs);
        _head.Clear();
        _trailers.Clear();
        _connection.Release(this);
    }

    internal void OnSent(int id, int window)
    {
        Id = id;
        SendWindow = window;
        _batchesBefore = _connection.BatchesReceived;
    }

    internal void OnDataSent(int length, bool endsStream)
    {
        SendWindow -= length;
        HasEndedOutput |= endsStream;
    }

    internal void OnEndSent() => HasEndedOutput = true;

    /// <summary>False when the window would become larger than any (RFC 9113 6.9.1).</summary>
    internal bool TryGrowWindow(int by)
    {
        long grown = (long)SendWindow + by;
        if (grown > Http2FrameHead.LargestWindow) return false;
        SendWindow = (int)grown;
        return true;
    }

    /// <summary>The lines a header block goes to: head, interim head or trailers.</summary>
    internal IFieldSink BeginBlock(int mostBytes)
    {
        var lines = HasHead ? _trailers : _head;
        lines.Begin(mostBytes);
        return lines;
    }

    /// <summary>False when the response is malformed (RFC 9113 8.1.1).</summary>
    internal bool TryEndBlock(bool endsStream)
    {
        if (HasHead) return endsStream && _trailers.TryEnd() && TryEnd();
        if (!_head.TryEnd()) return false;
        if (_head.Status is < 200)
        {
            // Nobody asked for another protocol; and interim answers without end are a flood.
            return !endsStream && _head.Status is >= 100 and not 101 && ++_interim <= Limits.InformationalResponses;
        }
        var bytes = _head.Bytes.AsSpan(0, _head.Length);
        if (ResponseHeadParser.Parse(bytes, Head, _method, in _limits) != ParseStatus.Complete) return false;
        HasHead = true;
        if (Head.Framing == BodyFraming.None) _bodyLeft = 0;
        else if (Head.HasContentLength) _bodyLeft = Head.ContentLength;
        return !endsStream || TryEnd();
    }

    /// <summary>
    /// A DATA frame of so many bytes for the window. Completed, or what is wrong with it.
    /// </summary>
    internal Http2ErrorCode Take(ReadOnlySpan<byte> data, int frameBytes, bool endsStream)
    {
        if (HasEnded) return Http2ErrorCode.StreamClosed;
        if (!HasHead) return Http2ErrorCode.ProtocolError;
        _receiveWindow -= frameBytes;
        if (_receiveWindow < 0) return Http2ErrorCode.FlowControlError;
        if (_bodyLeft != AnyLength && (_bodyLeft -= data.Length) < 0) return Http2ErrorCode.ProtocolError;
        _received.Add(_connection.Loop.Slabs, data);
        if (endsStream && !TryEnd()) return Http2ErrorCode.ProtocolError;
        if (frameBytes > data.Length) GiveBack(frameBytes - data.Length);
        return Http2ErrorCode.NoError;
    }

    /// <summary>It ends here, whatever came before. A response that is whole stays so.</summary>
    internal void Fail(ExchangeOutcome outcome, bool isReset, bool isUnprocessed = false)
    {
        IsReset |= isReset;
        if (HasEnded || Failure != ExchangeOutcome.Completed) return;
        Failure = outcome;
        IsUnprocessed = isUnprocessed;
    }

    internal void EndWaits()
    {
        _response.End();
        _room.End();
    }

    private bool TryEnd()
    {
        HasEnded = _bodyLeft is AnyLength or 0;
        return HasEnded;
    }

    /// <summary>In halves of the window: a frame for each run would cost more than what it carries.</summary>
    private void GiveBack(int bytes)
    {
        _untold += bytes;
        if (HasEnded || IsGone || _untold < _connection.StreamWindowBytes / 2) return;
        _receiveWindow += _untold;
        _connection.GrowPeersWindow(Id, _untold);
        _untold = 0;
    }
}
