using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Transport.Epoll;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// The plaintext of a TLS connection on its loop. Waits for whole records on the connection below, and only then lets
/// the <see cref="SslStream"/> decrypt them, into a slab that goes back to the loop once its bytes are consumed: an
/// idle connection holds no buffer here, nor in the <c>SslStream</c>. The sequence is always one segment. Loop thread
/// only.
/// </summary>
internal sealed class TlsPipeReader : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly TlsConnection _connection;
    private readonly PipeReader _inner;
    private readonly RecordStream _records;
    private readonly SslStream _tls;
    private readonly Action _onInner;
    private readonly Action _onTls;
    private LoopSignal _signal;
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _innerRead;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _tlsRead;

    // [_start, _end) is kept, [_start, _examined) has been seen without being enough.
    private byte[]? _slab;
    private int _start;
    private int _end;
    private int _examined;

    private bool _reading;
    private bool _waiting;
    private bool _innerPending;
    private bool _tlsPending;
    private bool _cancelRequested;
    private bool _canceled;
    private bool _ended;
    private bool _completed;

    public TlsPipeReader(TlsConnection connection, PipeReader inner, RecordStream records, SslStream tls)
    {
        _connection = connection;
        _inner = inner;
        _records = records;
        _tls = tls;
        _onInner = OnInner;
        _onTls = OnTls;
    }

    /// <summary>True when bytes were decrypted that nobody consumed.</summary>
    public bool HasKept => _end > _start;

    /// <summary>Takes no notice of tokens: on a loop waits end by <see cref="CancelPendingRead"/>.</summary>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryStep(mayWait: true)) return new ValueTask<ReadResult>(TakeResult());
        _waiting = true;
        return new ValueTask<ReadResult>(this, _signal.Version);
    }

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (!TryStep(mayWait: false)) return false;
        result = TakeResult();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        int consumedIndex = IndexOf(consumed);
        int examinedIndex = Math.Max(consumedIndex, IndexOf(examined));
        if (_slab is null)
        {
            _reading = false;
            return;
        }
        if (!_reading || consumedIndex < _start || examinedIndex > _end) ThrowMisuse();
        _reading = false;
        _start = consumedIndex;
        _examined = examinedIndex;
        if (_start == _end || _connection.IsClosed) DropSlab();
    }

    public override void CancelPendingRead()
    {
        if (!_waiting)
        {
            _cancelRequested = true;
            return;
        }
        // The wait below goes on, and the next read here joins it.
        _canceled = true;
        FinishLater();
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        _ended = true;
        if (_waiting) FinishLater();
        _reading = false;
        DropSlab();
        _inner.Complete(exception);
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

    /// <summary>
    /// This side closed: a waiting read ends, as completed; bytes someone looks at stay until he advances.
    /// </summary>
    public void OnClosing()
    {
        _ended = true;
        if (_waiting) FinishLater();
        if (!_reading) DropSlab();
    }

    /// <summary>True when a result can be taken now.</summary>
    private bool TryStep(bool mayWait)
    {
        if (_reading || _completed) ThrowMisuse();
        if (_cancelRequested)
        {
            _cancelRequested = false;
            _canceled = true;
        }
        else if (_end == _examined && !_ended && !TryFill(mayWait))
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
        var bytes = _slab is null ? default : new ReadOnlySequence<byte>(_slab, _start, _end - _start);
        return new ReadResult(bytes, canceled, _ended);
    }

    private void FinishLater()
    {
        _waiting = false;
        _reading = !_completed;
        _signal.CompleteLater(_connection.Loop);
    }

    /// <summary>True when there is new plaintext, or the end.</summary>
    private bool TryFill(bool mayWait)
    {
        while (!_innerPending && !_tlsPending)
        {
            ReadResult result;
            if (mayWait)
            {
                var read = _inner.ReadAsync();
                if (!read.IsCompleted)
                {
                    _innerPending = true;
                    _innerRead = read.ConfigureAwait(false).GetAwaiter();
                    _innerRead.UnsafeOnCompleted(_onInner);
                    return false;
                }
                result = read.Result;
            }
            else if (!_inner.TryRead(out result))
            {
                return false;
            }
            if (TryTake(in result)) return true;
        }
        return false;
    }

    private bool TryTake(in ReadResult result)
    {
        if (!_records.TryHold(in result)) return false;
        bool hasNew = Decrypt();
        // While the SslStream waits for another record, the stream below is its own.
        if (!_tlsPending) _records.Release();
        return hasNew || _ended;
    }

    /// <summary>Decrypts the whole records that are held, as many as fit; true when there is new plaintext.</summary>
    private bool Decrypt()
    {
        bool hasNew = false;
        do
        {
            Prepare();
            var read = _tls.ReadAsync(_slab.AsMemory(_end));
            if (!read.IsCompleted)
            {
                // It has taken a record without data, and wants another one.
                _tlsPending = true;
                _tlsRead = read.ConfigureAwait(false).GetAwaiter();
                _tlsRead.UnsafeOnCompleted(_onTls);
                return hasNew;
            }
            if (!TryCount(read.ConfigureAwait(false).GetAwaiter())) break;
            hasNew = true;
        }
        while (_records.RecordBytes > 0 && _records.RecordBytes <= _slab!.Length - _end);
        if (_start == _end) DropSlab();
        return hasNew;
    }

    /// <summary>False when this was the end.</summary>
    private bool TryCount(ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter read)
    {
        int count = 0;
        try
        {
            count = read.GetResult();
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // A forged or torn record: nothing after it can be believed (RFC 8446, 5.2).
            _connection.OnBroken();
        }
        _end += count;
        if (count > 0) return true;
        _ended = true;
        _connection.OnInputEnd();
        return false;
    }

    // On the loop, never inside a call: the waits of the connection below end so.
    private void OnInner()
    {
        _innerPending = false;
        var result = _innerRead.GetResult();
        if (_completed) return;
        if (!_waiting)
        {
            // The wait was cancelled, and its reader may still look at the slab: the next read finds this again.
            _inner.AdvanceTo(result.Buffer.Start);
            return;
        }
        if (TryTake(in result) || TryFill(mayWait: true)) Wake();
    }

    private void OnTls()
    {
        _tlsPending = false;
        bool hasNew = TryCount(_tlsRead);
        _records.Release();
        if (_completed || _connection.IsClosed)
        {
            if (!_reading) DropSlab();
            return;
        }
        if (_start == _end && !_reading) DropSlab();
        if (_waiting && (hasNew || _ended || TryFill(mayWait: true))) Wake();
    }

    private void Wake()
    {
        _waiting = false;
        _reading = true;
        _signal.Complete();
    }

    /// <summary>Room for the record at the front, so that nothing of it stays inside the SslStream.</summary>
    private void Prepare()
    {
        int record = Math.Max(_records.RecordBytes, 1);
        if (_slab is null)
        {
            int held = Math.Clamp(_records.HeldBytes, record, Math.Max(record, TransportLimits.DecryptedBytes));
            _slab = _connection.Loop.Slabs.Rent(held);
            _start = _end = _examined = 0;
        }
        else if (_slab.Length - _end < record)
        {
            Move(record);
        }
    }

    /// <summary>Moves what is kept to the front, of a larger slab when it has to be.</summary>
    private void Move(int room)
    {
        int kept = _end - _start;
        byte[] former = _slab!;
        bool inPlace = former.Length - kept >= room;
        byte[] target = inPlace ? former : _connection.Loop.Slabs.Rent(Math.Max(former.Length * 2, kept + room));
        Buffer.BlockCopy(former, _start, target, 0, kept);
        if (!inPlace) _connection.Loop.Slabs.Return(former);
        _slab = target;
        _examined -= _start;
        _start = 0;
        _end = kept;
    }

    private int IndexOf(SequencePosition position) =>
        // The upper bit marks the end of an array-backed sequence.
        position.GetObject() is null ? _start : position.GetInteger() & int.MaxValue;

    private void DropSlab()
    {
        // An SslStream that waits has been lent the rest of it.
        if (_slab is null || _tlsPending) return;
        _connection.Loop.Slabs.Return(_slab);
        _slab = null;
        _start = _end = _examined = 0;
    }

    private static void ThrowMisuse() =>
        throw new InvalidOperationException("Read after completion, read twice, or advanced outside of the last read.");
}
