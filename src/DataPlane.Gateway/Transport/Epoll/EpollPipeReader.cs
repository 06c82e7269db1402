using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// Reads a socket on demand: nothing is received that nobody asked for, so back-pressure is the kernel's window. Bytes
/// are received into the loop's own buffer and looked at there; only what is left when another connection needs that
/// buffer is copied, into a slab of this reader. The sequence is always one segment.
/// <para>
/// State belongs to the loop's thread. Calls from other threads (Kestrel's protocols) are posted; an AdvanceTo among
/// them takes effect with the next read. Reads 0 bytes allocated on the loop.
/// </para>
/// </summary>
internal sealed class EpollPipeReader : PipeReader, IValueTaskSource<ReadResult>
{
    private static readonly SendOrPostCallback s_startRead = static state => ((EpollPipeReader)state!).StartPosted();

    private static readonly SendOrPostCallback s_resume = static state =>
    {
        var reader = (EpollPipeReader)state!;
        reader._isResumePosted = false;
        reader.OnReadable();
    };

    private static readonly SendOrPostCallback s_cancel =
        static state => ((EpollPipeReader)state!).CancelPendingRead();

    private static readonly Action<object?> s_cancelWait = static state =>
    {
        var (reader, version) = ((EpollPipeReader, short))state!;
        reader._connection.Loop.Post(_ => reader.CancelWait(version), state: null);
    };

    private readonly EpollConnection _connection;
    private LoopSignal _signal;

    // [_start, _end) is kept, [_start, _examined) has been seen without being enough.
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _examined;

    private int _deferredConsumed;
    private int _deferredExamined;
    private int _turn;
    private byte _receivesThisTurn;

    private bool _isResumePosted;
    private bool _onLoan;
    private bool _reading;
    private bool _waiting;
    private bool _cancelRequested;
    private bool _canceled;
    private bool _ended;
    private bool _completed;

    // Written by the reader's thread, hence never in one word with the loop's flags.
    private volatile bool _deferred;

    public EpollPipeReader(EpollConnection connection) => _connection = connection;

    /// <summary>The transfer that takes this socket's input at the moment.</summary>
    public SpliceTransfer? Transfer { get; set; }

    /// <summary>Offered what comes before the read that waits for it; null for nobody.</summary>
    public IInputTaker? Taker { get; set; }

    /// <summary>True when bytes were received that nobody consumed.</summary>
    public bool HasKept
    {
        get
        {
            ApplyDeferred();
            return _end > _start;
        }
    }

    /// <summary>True when nothing is buffered and nobody reads: a splice may take the input.</summary>
    public bool IsIdle => _buffer is null && !_reading && !_waiting && !_deferred;

    /// <summary>True when no buffer is held and nobody looks at one.</summary>
    public bool HoldsNothing => _buffer is null && !_deferred;

    /// <summary>Completed, and nobody holds or awaits anything of it.</summary>
    public bool IsAtRest =>
        _completed && HoldsNothing && !_waiting && !_reading && !_isResumePosted && Transfer is null && _signal.IsIdle;

    /// <summary>True once a read came upon the end of input, or never will receive again.</summary>
    public bool HasEnded => _ended;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled) return ReadCancellableAsync(cancellationToken);
        if (!_connection.IsOnLoop)
        {
            _connection.Loop.Post(s_startRead, this);
        }
        else
        {
            ApplyDeferred();
            if (TryStep()) return new ValueTask<ReadResult>(TakeResult());
            _waiting = true;
            _signal.IsKeptToLoop = _connection.IsUsedOnLoop;
        }
        return new ValueTask<ReadResult>(this, _signal.Version);
    }

    /// <summary>False on other threads than the loop's: only a read can go there.</summary>
    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (!_connection.IsOnLoop) return false;
        ApplyDeferred();
        if (!TryStep()) return false;
        result = TakeResult();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        int consumedIndex = IndexOf(consumed);
        int examinedIndex = Math.Max(consumedIndex, IndexOf(examined));
        if (_connection.IsOnLoop)
        {
            Advance(consumedIndex, examinedIndex);
            return;
        }
        _deferredConsumed = consumedIndex;
        _deferredExamined = examinedIndex;
        _deferred = true;
    }

    public override void CancelPendingRead()
    {
        if (!_connection.Loop.IsCurrent)
        {
            _connection.Loop.Post(s_cancel, this);
            return;
        }
        if (Transfer is not null)
        {
            Transfer.Cancel();
        }
        else if (_waiting)
        {
            _canceled = true;
            FinishLater();
        }
        else
        {
            _cancelRequested = true;
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (!_connection.Loop.IsCurrent)
        {
            _connection.Loop.Post(static state => ((EpollPipeReader)state!).Complete(), this);
            return;
        }
        if (_completed) return;
        _completed = true;
        _ended = true;
        if (_waiting) FinishLater();
        else _reading = false;
        _deferred = false;
        DropBuffer();
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, _connection.Loop);

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _signal.End(token);
        return TakeResult();
    }

    /// <summary>An edge came, or the turn that had its share is over.</summary>
    public void OnReadable()
    {
        while (_waiting && TryReceive())
        {
            if (Taker is not null && WasTaken(Taker)) continue;
            _waiting = false;
            _reading = true;
            _signal.Complete();
            return;
        }
    }

    /// <summary>
    /// The connection closes: a waiting read ends, what is kept goes. Bytes someone is still looking at stay until he
    /// advances or completes: returned now, they could become another connection's under his eyes.
    /// </summary>
    public void OnClosing()
    {
        ApplyDeferred();
        _ended = true;
        if (_waiting) FinishLater();
        if (!_reading) DropBuffer();
    }

    /// <summary>
    /// The loop's buffer is needed elsewhere. True when this reader keeps the array itself, because its bytes are being
    /// looked at; false when it moved what it keeps.
    /// </summary>
    public bool GiveUpLoan()
    {
        ApplyDeferred();
        if (!_reading)
        {
            Move(_end - _start);
            return false;
        }
        _onLoan = false;
        return true;
    }

    /// <summary>True when nothing is left for the waiting read, or it has been ended by the taker.</summary>
    private bool WasTaken(IInputTaker taker)
    {
        if (_ended) return false;
        _start += taker.Take(_connection, _buffer.AsSpan(_start, _end - _start));
        if (_start == _end) DropBuffer();
        return _buffer is null || !_waiting;
    }

    /// <summary>As new; was <see cref="IsAtRest"/>. Tokens of earlier reads stay void.</summary>
    public void Renew()
    {
        Taker = null;
        _cancelRequested = _canceled = _ended = _completed = false;
    }

    private void StartPosted()
    {
        ApplyDeferred();
        _waiting = true;
        if (!TryStep()) return;
        _waiting = false;
        _signal.Complete();
    }

    /// <summary>True when a result can be taken now.</summary>
    private bool TryStep()
    {
        if (_reading || _completed) ThrowMisuse();
        if (_cancelRequested)
        {
            _cancelRequested = false;
            _canceled = true;
        }
        else if (_end == _examined && !_ended && !TryReceive())
        {
            return false;
        }
        _reading = true;
        return true;
    }

    private ReadResult TakeResult()
    {
        bool canceled = _canceled;
        _canceled = false;
        var bytes = _buffer is null ? default : new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        return new ReadResult(bytes, canceled, _ended);
    }

    /// <summary>
    /// Ends a waiting read from inside a call of the loop's code: its continuation must not run in there.
    /// </summary>
    private void FinishLater()
    {
        _waiting = false;
        _reading = !_completed;
        _signal.CompleteLater(_connection.Loop);
    }

    /// <summary>True when there are new bytes, or the input has ended.</summary>
    private bool TryReceive() => _connection.IsReadable && MayReceiveThisTurn() && ReceiveNow();

    private unsafe bool ReceiveNow()
    {
        PrepareSpace();
        int asked = _buffer!.Length - _end;
        if (_connection.ReceiveHint > 0) asked = Math.Min(asked, _connection.ReceiveHint);
        nint received;
        fixed (byte* free = &_buffer[_end])
        {
            do received = LibC.Receive(_connection.Descriptor, free, asked, 0);
            while (received < 0 && LibC.LastError == Errno.Interrupted);
        }
        if (received > 0)
        {
            _end += (int)received;
            // A short read has drained the socket, except when a FIN is queued behind: that edge has come already.
            if (received < asked && !_connection.IsInputEnding) _connection.IsReadable = false;
            return true;
        }
        if (received < 0 && LibC.LastError == Errno.Again)
        {
            _connection.IsReadable = false;
            if (_start == _end) DropBuffer();
            return false;
        }
        _ended = true;
        if (_start == _end) DropBuffer();
        if (received == 0) _connection.OnInputEnd();
        else _connection.OnBroken();
        return true;
    }

    // A peer that sends as fast as one can read must leave the loop to the others from time to time.
    private bool MayReceiveThisTurn()
    {
        int turn = _connection.Engine.Turn;
        if (_turn != turn)
        {
            _turn = turn;
            _receivesThisTurn = 0;
        }
        if (_receivesThisTurn < TransportLimits.ReceivesPerTurn)
        {
            _receivesThisTurn++;
            return true;
        }
        // No edge will come for what is in the socket already. Posted work may still run in this turn, and then asks
        // for the next one again.
        if (!_isResumePosted)
        {
            _isResumePosted = true;
            _connection.Loop.Post(s_resume, this);
        }
        return false;
    }

    private void PrepareSpace()
    {
        if (_buffer is null)
        {
            _buffer = _connection.Engine.Lend(this);
            _onLoan = true;
            _start = _end = _examined = 0;
            return;
        }
        if (_buffer.Length - _end >= TransportLimits.LeastReceiveBytes) return;
        int kept = _end - _start;
        Move(Math.Max(kept * 2, kept + TransportLimits.LeastReceiveBytes));
    }

    /// <summary>Moves what is kept to the front of a slab that holds <paramref name="capacity"/> bytes.</summary>
    private void Move(int capacity)
    {
        int kept = _end - _start;
        if (kept == 0)
        {
            DropBuffer();
            return;
        }
        byte[] former = _buffer!;
        bool inPlace = !_onLoan && former.Length >= capacity;
        byte[] target = inPlace ? former : _connection.Loop.Slabs.Rent(capacity);
        Buffer.BlockCopy(former, _start, target, 0, kept);
        if (!inPlace) ReleaseBuffer();
        _buffer = target;
        _examined -= _start;
        _start = 0;
        _end = kept;
    }

    private void ApplyDeferred()
    {
        if (!_deferred) return;
        _deferred = false;
        if (_reading) Advance(_deferredConsumed, _deferredExamined);
    }

    private void Advance(int consumed, int examined)
    {
        // After a close there is nothing to advance in, and whoever held the bytes need not know.
        if (_buffer is null)
        {
            _reading = false;
            return;
        }
        if (!_reading || consumed < _start || examined > _end) ThrowMisuse();
        _reading = false;
        _start = consumed;
        _examined = examined;
        if (_start != _end) return;
        DropBuffer();
        if (_connection.IsInputEnding) _connection.OnInputConsumed();
    }

    private int IndexOf(SequencePosition position) =>
        // The upper bit marks the end of an array-backed sequence.
        position.GetObject() is null ? _start : position.GetInteger() & int.MaxValue;

    private void DropBuffer()
    {
        if (_buffer is null) return;
        ReleaseBuffer();
        _buffer = null;
        _start = _end = _examined = 0;
    }

    private void ReleaseBuffer()
    {
        if (_onLoan) _connection.Engine.TakeBack();
        else _connection.Loop.Slabs.Return(_buffer!);
        _onLoan = false;
    }

    private ValueTask<ReadResult> ReadCancellableAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        short version = _signal.Version;
        var read = ReadAsync(CancellationToken.None);
        return read.IsCompleted ? read : AwaitCancellableAsync(read, version, cancellationToken);
    }

    private async ValueTask<ReadResult> AwaitCancellableAsync(
        ValueTask<ReadResult> read, short version, CancellationToken cancellationToken)
    {
        ReadResult result;
        using (cancellationToken.UnsafeRegister(s_cancelWait, (this, version))) result = await read;
        if (!result.IsCanceled || !cancellationToken.IsCancellationRequested) return result;
        AdvanceTo(result.Buffer.Start);
        throw new OperationCanceledException(cancellationToken);
    }

    // Ends that very wait and no later one: the token may fire when its read has just got its bytes.
    private void CancelWait(short version)
    {
        if (_waiting && _signal.Version == version) CancelPendingRead();
    }

    private static void ThrowMisuse() =>
        throw new InvalidOperationException("Read after completion, read twice, or advanced outside of the last read.");
}
