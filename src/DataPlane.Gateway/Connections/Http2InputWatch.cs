using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Epoll;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Looks at the heads of the frames a client sends, on their way to Kestrel's server, which bounds what they hold but
/// not how many there are. When the budget is used up it ends the input, and so the connection. One reader, on whatever
/// thread; nothing is copied, 0 bytes.
/// </summary>
internal sealed class Http2InputWatch : PipeReader, IValueTaskSource<ReadResult>
{
    private const int PrefaceBytes = 24;
    private const byte EndStreamOrAck = 0x1;

    private readonly PipeReader _inner;
    private readonly Http2GlitchBudget _budget;
    private readonly EventLoop _loop;
    private readonly Action _onInner;
    private readonly int _maxStreams;
    private Http2FrameWalk _walk = new(PrefaceBytes);
    private LoopSignal _signal;
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _pending;
    private ReadOnlySequence<byte> _lent;
    private long _walked;
    private int _pieces;
    private int _windowUpdates;
    private int _dataSeen;
    private int _lastStream;
    private int _opened;
    private bool _hasSettings;

    public Http2InputWatch(PipeReader inner, Http2GlitchBudget budget, EventLoop loop, int maxStreams)
    {
        _inner = inner;
        _budget = budget;
        _loop = loop;
        _maxStreams = maxStreams;
        _onInner = () => _signal.Complete();
    }

    /// <summary>The other direction: which streams have ended, and what the client had to make room for.</summary>
    public required Http2OutputWatch Output { get; init; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = _inner.ReadAsync(cancellationToken);
        if (read.IsCompletedSuccessfully) return new ValueTask<ReadResult>(Watch(read.Result));
        var wait = new ValueTask<ReadResult>(this, _signal.Version);
        _pending = read.ConfigureAwait(false).GetAwaiter();
        _pending.UnsafeOnCompleted(_onInner);
        return wait;
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!_inner.TryRead(out result)) return false;
        result = Watch(in result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _walked -= _lent.Slice(0, consumed).Length;
        _lent = default;
        _inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, _loop);

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _signal.End(token);
        return Watch(_pending.GetResult());
    }

    private ReadResult Watch(in ReadResult result)
    {
        _lent = result.Buffer;
        if (_lent.Length > _walked)
        {
            foreach (var segment in _lent.Slice(_walked)) Walk(segment.Span);
            _walked = _lent.Length;
        }
        // To Kestrel's server a cancelled read is the end of the input.
        return _budget.IsUsedUp ? new ReadResult(_lent, isCanceled: true, isCompleted: true) : result;
    }

    private void Walk(ReadOnlySpan<byte> bytes)
    {
        while (_walk.TryNext(ref bytes))
        {
            switch (_walk.Type)
            {
                case Http2FrameType.Data:
                    if (_walk.Length == 0 && (_walk.Flags & EndStreamOrAck) == 0) _budget.Spend(Http2Glitch.EmptyFrame);
                    break;
                case Http2FrameType.Headers:
                    _pieces = 0;
                    // With an id used before these are trailers.
                    if (_walk.Stream > _lastStream) Open(_walk.Stream);
                    break;
                default:
                    WalkOther();
                    break;
            }
        }
    }

    private void WalkOther()
    {
        switch (_walk.Type)
        {
            case Http2FrameType.Continuation:
                var glitch = _walk.Length == 0 ? Http2Glitch.EmptyFrame : Http2Glitch.Continuation;
                bool isFlood = ++_pieces > Limits.ContinuationsPerHead;
                _budget.Spend(glitch, isFlood ? Http2GlitchBudget.All : 1);
                break;
            case Http2FrameType.ResetStream:
                _opened--;
                _budget.Spend(Http2Glitch.ResetReceived);
                break;
            case Http2FrameType.Ping:
                _budget.Spend(Http2Glitch.Ping);
                break;
            case Http2FrameType.Priority:
                _budget.Spend(Http2Glitch.Priority);
                break;
            case Http2FrameType.Settings when (_walk.Flags & EndStreamOrAck) == 0:
                if (_hasSettings) _budget.Spend(Http2Glitch.Settings);
                _hasSettings = true;
                break;
            case Http2FrameType.WindowUpdate:
                WalkWindowUpdate();
                break;
            case > Http2FrameType.Continuation:
                _budget.Spend(Http2Glitch.Unknown);
                break;
        }
    }

    /// <summary>
    /// Kestrel refuses streams beyond its limit one by one, but hangs when thousands of them come at once: more than
    /// twice the limit at a time is nobody who has read our SETTINGS.
    /// </summary>
    private void Open(int stream)
    {
        _lastStream = stream;
        if (++_opened <= _maxStreams) return;
        _opened = Math.Max(1, _opened - Output.TakeEnded());
        if (_opened > _maxStreams * 2) _budget.Spend(Http2Glitch.ExcessStream, Http2GlitchBudget.All);
    }

    private void WalkWindowUpdate()
    {
        if (++_windowUpdates <= Limits.WindowUpdatesPerData) return;
        // One DATA frame may be answered by several: for its stream and for the connection, in parts.
        int data = Output.DataFrames;
        if (data == _dataSeen)
        {
            _budget.Spend(Http2Glitch.WindowUpdate);
            return;
        }
        _windowUpdates = Math.Max(0, _windowUpdates - ((data - _dataSeen) * Limits.WindowUpdatesPerData));
        _dataSeen = data;
    }
}
