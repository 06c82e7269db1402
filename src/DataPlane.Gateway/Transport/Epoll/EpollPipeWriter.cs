using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// Writes a socket: what is put into its slab goes out with one send per flush, and the slab goes back to the loop once
/// the kernel has it all. A large write goes out of the caller's own memory, behind the slab, with one sendmsg.
/// <para>
/// One user at a time, on any thread; from other threads than the loop's a flush is posted. While a flush waits its
/// state belongs to the loop. 0 bytes allocated on the loop.
/// </para>
/// </summary>
internal sealed class EpollPipeWriter : PipeWriter, IValueTaskSource<FlushResult>
{
    private static readonly SendOrPostCallback s_startFlush = static state => ((EpollPipeWriter)state!).StartPosted();

    private static readonly SendOrPostCallback s_cancel =
        static state => ((EpollPipeWriter)state!).CancelPendingFlush();

    private static readonly Action<object?> s_cancelWait = static state =>
    {
        var (writer, version) = ((EpollPipeWriter, short))state!;
        writer._connection.Loop.Post(_ => writer.CancelWait(version), state: null);
    };

    private readonly EpollConnection _connection;
    private LoopSignal _signal;

    // [_sent, _end) waits for the kernel, then _direct, which is the caller's.
    private byte[]? _slab;
    private int _sent;
    private int _end;
    private ReadOnlyMemory<byte> _direct;

    // The slab is the collector's: it was needed on another thread, where the loop's pool cannot be reached.
    private bool _isForeign;
    private bool _cancelRequested;
    private bool _isQueued;
    private bool _sendsAlone;
    private bool _canceled;
    private bool _completed;

    // Set by whoever starts a flush, last: from then on the loop may use the rest of the state.
    private volatile bool _waiting;

    public EpollPipeWriter(EpollConnection connection) => _connection = connection;

    /// <summary>The transfer that fills this socket's output at the moment.</summary>
    public SpliceTransfer? Transfer { get; set; }

    /// <summary>True when nothing is buffered and nobody flushes: a splice may take the output.</summary>
    public bool IsIdle => _end == _sent && !_waiting && !_completed;

    /// <summary>True when no slab is held for bytes to come.</summary>
    public bool HoldsNothing => _slab is null;

    /// <summary>The engine will come back to it when the turn ends.</summary>
    public bool IsQueued => _isQueued;

    /// <summary>Completed, and nobody holds or awaits anything of it.</summary>
    public bool IsAtRest =>
        _completed && HoldsNothing && _direct.IsEmpty && !_waiting && !_isQueued && Transfer is null && _signal.IsIdle;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _end - _sent;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _slab.AsMemory(_end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _slab.AsSpan(_end);
    }

    public override void Advance(int bytes)
    {
        int free = _slab is null ? 0 : _slab.Length - _end;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)free, nameof(bytes));
        _end += bytes;
    }

    /// <summary>
    /// With nothing new to send, or while a flush is pending, which takes everything along, done at once: SslStream
    /// flushes after each write, and while it is disposed of also during one.
    /// </summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        if (_waiting || (_end == _sent && !_cancelRequested))
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, _connection.IsOutputGone));
        short version = _signal.Version;
        var flush = Flush();
        return cancellationToken.CanBeCanceled ? FlushCancellable(flush, version, cancellationToken) : flush;
    }

    /// <summary>
    /// Puts the send off to the end of the turn. A turn that sends all its messages one after the other runs the
    /// kernel's long way down the stack in a row, and the handlers' code before it: measured in perf/records.
    /// </summary>
    public ValueTask<FlushResult> FlushSoonAsync()
    {
        bool mayWait = _waiting || _completed || _cancelRequested || !_connection.IsWritable;
        if (mayWait || _connection.IsOutputGone || !_connection.IsOnLoop) return FlushAsync();
        if (_end > _sent) Queue();
        return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false));
    }

    /// <summary>The end of the turn has come. What the socket does not take now goes out as it can.</summary>
    public void SendQueued()
    {
        _isQueued = false;
        if (!_waiting) _sendsAlone = !TrySend();
    }

    /// <summary>
    /// The end of the turn has come: adds what waits to the sends that are submitted together. False when there is
    /// nothing to send, or when it takes more than one send: then <see cref="SendQueued"/> does it.
    /// </summary>
    public unsafe bool TrySubmit(SubmissionRing ring)
    {
        bool isPlain = _end > _sent && !_waiting && !_isForeign && _connection.IsWritable;
        if (!isPlain || _connection.IsOutputGone) return false;
        // A slab of the loop's is pinned, and nothing else runs before the submission.
        void* start = Unsafe.AsPointer(ref _slab![_sent]);
        ring.Send(_connection.Descriptor, start, _end - _sent);
        return true;
    }

    /// <summary>
    /// The answer to what <see cref="TrySubmit"/> added. Runs nobody's code, so that all answers of a turn are known
    /// before anybody goes on. False when something is left to do for <see cref="SendQueued"/>.
    /// </summary>
    public bool TakeAnswer(int answer)
    {
        if (answer != _end - _sent)
        {
            if (answer > 0) _sent += answer;
            if (answer >= 0 || answer == -Errno.Again) _connection.IsWritable = false;
            return false;
        }
        _isQueued = false;
        ReleaseSlab();
        return true;
    }

    /// <summary>As <see cref="LoopConnection.SendNow"/>.</summary>
    public unsafe int SendNow(ReadOnlySpan<byte> bytes)
    {
        bool isBusy = _waiting || _completed || _cancelRequested || Transfer is not null;
        if (isBusy || !_connection.IsWritable || _connection.IsOutputGone) return 0;
        bool isFirst = _end == _sent;
        if (_connection.Engine.SendsTogether && bytes.Length <= TransportLimits.CopiedWriteBytes)
            return isFirst || _isQueued ? SendSoon(bytes) : 0;
        if (!isFirst) return 0;
        fixed (byte* start = bytes)
        {
            nint sent = LibC.Send(_connection.Descriptor, start, bytes.Length, LibC.MessageNoSignal);
            return Account(sent, bytes.Length);
        }
    }

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        if (_waiting) ThrowMisuse();
        if (source.Length <= TransportLimits.CopiedWriteBytes)
        {
            Reserve(source.Length);
            source.CopyTo(_slab.AsMemory(_end));
            _end += source.Length;
        }
        else
        {
            if (_completed) ThrowMisuse();
            _direct = source;
        }
        short version = _signal.Version;
        var flush = Flush();
        return cancellationToken.CanBeCanceled ? FlushCancellable(flush, version, cancellationToken) : flush;
    }

    public override void CancelPendingFlush()
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
            // The rest of a direct write is lost with its caller's memory: the peer must not take what follows for it.
            if (!_direct.IsEmpty) _connection.OnBroken();
            _direct = default;
            FinishLater();
        }
        else
        {
            _cancelRequested = true;
        }
    }

    /// <summary>
    /// Sends what was advanced over and then FIN; what the kernel does not take now goes out as it can. With an
    /// exception the connection is reset: the peer must not take a torn message for a whole one.
    /// </summary>
    public override void Complete(Exception? exception = null)
    {
        if (!_connection.Loop.IsCurrent)
        {
            CompleteLater(exception);
            return;
        }
        if (_completed) return;
        _completed = true;
        if (exception is not null) _connection.Reset();
        else if (!_waiting && TrySend()) _connection.ShutdownOutput();
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, _connection.Loop);

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _signal.End(token);
        return TakeResult();
    }

    /// <summary>The kernel takes bytes again, or never will.</summary>
    public void OnWritable()
    {
        if (_waiting)
        {
            if (!TrySend()) return;
            _waiting = false;
            _signal.Complete();
        }
        else if ((_completed || _sendsAlone) && _end > _sent && TrySend())
        {
            _sendsAlone = false;
            if (_completed) _connection.ShutdownOutput();
        }
    }

    /// <summary>Last attempt of a closing connection: true when nothing is left to send.</summary>
    public bool TryDrain()
    {
        if (!TrySend()) return false;
        if (_waiting) FinishLater();
        return true;
    }

    /// <summary>
    /// The descriptor is gone: a waiting flush ends. A slab whose memory someone may still be writing to stays until
    /// his next flush or completion: returned now, he could write into another connection's output.
    /// </summary>
    public void OnClosed()
    {
        if (_waiting || _completed) Drop();
        if (_waiting) FinishLater();
    }

    /// <summary>As new; was <see cref="IsAtRest"/>. Tokens of earlier flushes stay void.</summary>
    public void Renew()
    {
        _sent = _end = 0;
        _cancelRequested = _sendsAlone = _canceled = _completed = _isForeign = false;
    }

    // One call for all that a turn sends is worth more than the copy of a small message costs.
    private int SendSoon(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_slab.AsSpan(_end));
        _end += bytes.Length;
        Queue();
        return bytes.Length;
    }

    private void Queue()
    {
        if (_isQueued) return;
        _isQueued = true;
        _connection.Engine.SendAtEndOfTurn(this);
    }

    private ValueTask<FlushResult> Flush()
    {
        if (!_connection.IsOnLoop)
        {
            if (Interlocked.Exchange(ref _waiting, true)) ThrowMisuse();
            _connection.Loop.Post(s_startFlush, this);
        }
        else
        {
            if (TryStep()) return new ValueTask<FlushResult>(TakeResult());
            _waiting = true;
            _signal.IsKeptToLoop = _connection.IsUsedOnLoop;
        }
        return new ValueTask<FlushResult>(this, _signal.Version);
    }

    private void StartPosted()
    {
        // An edge, a close or a cancellation may have been faster.
        if (!_waiting || !TryStep()) return;
        _waiting = false;
        _signal.Complete();
    }

    private bool TryStep()
    {
        if (!_cancelRequested) return TrySend();
        _cancelRequested = false;
        _canceled = true;
        return true;
    }

    private FlushResult TakeResult()
    {
        bool canceled = _canceled;
        _canceled = false;
        return new FlushResult(canceled, _connection.IsOutputGone);
    }

    private void FinishLater()
    {
        _waiting = false;
        _signal.CompleteLater(_connection.Loop);
    }

    /// <summary>
    /// True when the kernel has everything, or nobody will ever take it. Loop thread, as all that sends.
    /// </summary>
    private bool TrySend()
    {
        while (_end > _sent || !_direct.IsEmpty)
        {
            if (_connection.IsOutputGone)
            {
                Drop();
                return true;
            }
            if (!_connection.IsWritable) return false;
            if (_direct.IsEmpty) SendSlab();
            else SendBoth();
        }
        ReleaseSlab();
        return true;
    }

    private unsafe void SendSlab()
    {
        int length = _end - _sent;
        fixed (byte* start = &_slab![_sent])
            _sent += Account(LibC.Send(_connection.Descriptor, start, length, LibC.MessageNoSignal), length);
    }

    private unsafe void SendBoth()
    {
        int ofSlab = _end - _sent;
        fixed (byte* first = _slab)
        fixed (byte* second = _direct.Span)
        {
            var vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Start = first + _sent, Length = ofSlab };
            vectors[1] = new IoVector { Start = second, Length = _direct.Length };
            var message = new MessageHeader { Vectors = vectors, VectorCount = 2 };
            nint answer = ofSlab == 0
                ? LibC.Send(_connection.Descriptor, second, _direct.Length, LibC.MessageNoSignal)
                : LibC.SendMessage(_connection.Descriptor, &message, LibC.MessageNoSignal);
            int sent = Account(answer, ofSlab + _direct.Length);
            ofSlab = Math.Min(sent, ofSlab);
            _sent += ofSlab;
            _direct = _direct[(sent - ofSlab)..];
        }
    }

    /// <summary>The bytes a send has taken, and what its answer says of the socket.</summary>
    private int Account(nint answer, int asked)
    {
        if (answer < 0) return Fail();
        // A part taken means a full socket: the kernel will report room (epoll(7), edge-triggered).
        if (answer < asked) _connection.IsWritable = false;
        return (int)answer;
    }

    private int Fail()
    {
        int error = LibC.LastError;
        if (error == Errno.Again) _connection.IsWritable = false;
        else if (error != Errno.Interrupted) _connection.OnBroken();
        return 0;
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        // Bytes behind a direct write would overtake its rest.
        if (_completed || !_direct.IsEmpty) ThrowMisuse();
        int needed = Math.Max(sizeHint, 1);
        if (_slab is null)
        {
            _slab = Rent(Math.Max(needed, TransportLimits.FirstWriteBytes), out _isForeign);
            _sent = _end = 0;
        }
        else if (_slab.Length - _end < needed)
        {
            Grow(needed);
        }
    }

    // Always contiguous: one send per flush, at the price of copying what a doubling moves.
    private void Grow(int needed)
    {
        int kept = _end - _sent;
        byte[] larger = Rent(Math.Max(_slab!.Length * 2, kept + needed), out bool isForeign);
        Buffer.BlockCopy(_slab, _sent, larger, 0, kept);
        if (_connection.IsOnLoop) ReleaseSlab();
        else if (!_isForeign) ReturnLater(_slab);
        _slab = larger;
        _isForeign = isForeign;
        _sent = 0;
        _end = kept;
    }

    private byte[] Rent(int bytes, out bool isForeign)
    {
        // Nobody would return the slab of a connection that is closed.
        isForeign = _connection.IsClosed || !_connection.IsOnLoop;
        return isForeign ? new byte[bytes] : _connection.Loop.Slabs.Rent(bytes);
    }

    private void Drop()
    {
        _direct = default;
        ReleaseSlab();
    }

    private void ReleaseSlab()
    {
        if (_slab is not null && !_isForeign) _connection.Loop.Slabs.Return(_slab);
        _slab = null;
        _sent = _end = 0;
    }

    // Apart, so that only here a closure is allocated.
    private void CompleteLater(Exception? exception) =>
        _connection.Loop.Post(_ => Complete(exception), state: null);

    // Likewise.
    private void ReturnLater(byte[] slab) =>
        _connection.Loop.Post(_ => _connection.Loop.Slabs.Return(slab), state: null);

    private ValueTask<FlushResult> FlushCancellable(
        ValueTask<FlushResult> flush, short version, CancellationToken cancellationToken) =>
        flush.IsCompleted ? flush : AwaitCancellableAsync(flush, version, cancellationToken);

    private async ValueTask<FlushResult> AwaitCancellableAsync(
        ValueTask<FlushResult> flush, short version, CancellationToken cancellationToken)
    {
        FlushResult result;
        using (cancellationToken.UnsafeRegister(s_cancelWait, (this, version))) result = await flush;
        if (result.IsCanceled) cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    // Ends that very wait and no later one: the token may fire when its flush has just ended.
    private void CancelWait(short version)
    {
        if (_waiting && _signal.Version == version) CancelPendingFlush();
    }

    private static void ThrowMisuse() =>
        throw new InvalidOperationException("Written after completion, or while a flush is pending.");
}
