using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Transport.Epoll;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Portable;

/// <summary>
/// Another pipe's reader on a loop. Kestrel's socket pipes ignore the synchronization context (they are created so) and
/// would resume a handler on the thread pool: this one carries every wait back to the loop, and turns the exceptions of
/// a broken connection into completed results.
/// </summary>
internal sealed class LoopPipeReader : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly PipedConnection _connection;
    private readonly PipeReader _inner;
    private readonly Action _onInner;
    private readonly Action<object?> _finish;
    private LoopSignal _signal;
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _pending;
    private ReadResult _result;
    private OperationCanceledException? _canceledByToken;
    private bool _reading;
    private bool _waiting;
    private bool _completed;

    public LoopPipeReader(PipedConnection connection, PipeReader inner)
    {
        _connection = connection;
        _inner = inner;
        _finish = _ => Finish();
        _onInner = OnInner;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_connection.IsClosed) return new ValueTask<ReadResult>(Ended());
        try
        {
            var read = _inner.ReadAsync(cancellationToken);
            if (read.IsCompleted) return new ValueTask<ReadResult>(Translate(read.Result));
            _pending = read.ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            return new ValueTask<ReadResult>(Broken());
        }
        _waiting = true;
        var wait = new ValueTask<ReadResult>(this, _signal.Version);
        _pending.UnsafeOnCompleted(_onInner);
        return wait;
    }

    public override bool TryRead(out ReadResult result)
    {
        result = Ended();
        if (_connection.IsClosed) return true;
        try
        {
            if (!_inner.TryRead(out result)) return false;
            result = Translate(result);
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            result = Broken();
        }
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // A result made here has no bytes of the inner pipe.
        if (!_reading) return;
        _reading = false;
        _inner.AdvanceTo(consumed, examined);
        if (_connection.IsClosed) _connection.ReleaseInner();
    }

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        _reading = false;
        _inner.Complete(exception);
        if (_connection.IsClosed) _connection.ReleaseInner();
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, _connection.Loop);

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _signal.End(token);
        var result = _result;
        _result = default;
        if (_canceledByToken is not { } canceled) return result;
        _canceledByToken = null;
        throw canceled;
    }

    /// <summary>
    /// This side closed: a waiting read ends, as completed. The inner pipe is released once nobody looks at its bytes,
    /// which go back to a pool then.
    /// </summary>
    public void OnClosed()
    {
        if (_waiting) _inner.CancelPendingRead();
        else if (!_reading) _connection.ReleaseInner();
    }

    /// <summary>True when the inner pipe has failed; false as well when someone is reading and will find out.</summary>
    public bool IsBroken()
    {
        if (_waiting || _reading || _completed || _connection.IsClosed) return false;
        try
        {
            if (_inner.TryRead(out var result)) _inner.AdvanceTo(result.Buffer.Start);
            return false;
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            // Its owner has disposed of it, as Kestrel does once the handler has returned: nobody is left to be told.
            return false;
        }
    }

    // On whatever thread the inner pipe runs its continuations; posted even on the loop's, where that is a writer in
    // the middle of a call, who must not find another exchange run inside it.
    private void OnInner() => _connection.Loop.PostContinuation(_finish, state: null);

    private void Finish()
    {
        _waiting = false;
        try
        {
            _result = Translate(_pending.GetResult());
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            _result = Broken();
        }
        catch (OperationCanceledException canceled)
        {
            _canceledByToken = canceled;
        }
        _signal.Complete();
    }

    private ReadResult Translate(in ReadResult result)
    {
        _reading = true;
        if (result.IsCompleted) _connection.OnInputEnd(isBroken: false);
        return _connection.IsClosed ? new ReadResult(result.Buffer, isCanceled: false, isCompleted: true) : result;
    }

    private ReadResult Broken()
    {
        _connection.OnInputEnd(isBroken: true);
        return Ended();
    }

    private static ReadResult Ended() => new(default, isCanceled: false, isCompleted: true);
}
