using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Transport.Epoll;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Portable;

/// <summary>Another pipe's writer on a loop; the counterpart of <see cref="LoopPipeReader"/>.</summary>
internal sealed class LoopPipeWriter : PipeWriter, IValueTaskSource<FlushResult>
{
    private readonly PipedConnection _connection;
    private readonly PipeWriter _inner;
    private readonly Action _onInner;
    private readonly Action<object?> _finish;
    private LoopSignal _signal;
    private ConfiguredValueTaskAwaitable<FlushResult>.ConfiguredValueTaskAwaiter _pending;
    private FlushResult _result;
    private OperationCanceledException? _canceledByToken;
    private byte[] _scratch = [];
    private bool _waiting;
    private bool _completed;

    public LoopPipeWriter(PipedConnection connection, PipeWriter inner)
    {
        _connection = connection;
        _inner = inner;
        _finish = _ => Finish();
        _onInner = OnInner;
    }

    public override bool CanGetUnflushedBytes => _inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => _connection.IsClosed || _completed ? 0 : _inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) =>
        _connection.IsClosed ? Scratch(sizeHint) : _inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) =>
        _connection.IsClosed ? Scratch(sizeHint) : _inner.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (!_connection.IsClosed) _inner.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_connection.IsClosed) return new ValueTask<FlushResult>(Gone());
        try
        {
            return Follow(_inner.FlushAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            return new ValueTask<FlushResult>(Gone());
        }
    }

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_connection.IsClosed) return new ValueTask<FlushResult>(Gone());
        try
        {
            return Follow(_inner.WriteAsync(source, cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            return new ValueTask<FlushResult>(Gone());
        }
    }

    public override void CancelPendingFlush() => _inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        if (exception is not null) _connection.Reset();
        if (_connection.IsClosed) return;
        _inner.Complete();
        _connection.OnOutputCompleted();
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, _connection.Loop);

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _signal.End(token);
        if (_canceledByToken is not { } canceled) return _result;
        _canceledByToken = null;
        throw canceled;
    }

    /// <summary>This side closed: a waiting flush ends, as completed.</summary>
    public void OnClosed()
    {
        if (_waiting) _inner.CancelPendingFlush();
    }

    private ValueTask<FlushResult> Follow(ValueTask<FlushResult> flush)
    {
        if (flush.IsCompleted) return new ValueTask<FlushResult>(Translate(flush.Result));
        _waiting = true;
        _pending = flush.ConfigureAwait(false).GetAwaiter();
        var wait = new ValueTask<FlushResult>(this, _signal.Version);
        _pending.UnsafeOnCompleted(_onInner);
        return wait;
    }

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
            _result = Gone();
        }
        catch (OperationCanceledException canceled)
        {
            _canceledByToken = canceled;
        }
        _signal.Complete();
    }

    private FlushResult Translate(FlushResult result)
    {
        if (result.IsCompleted) _connection.OnOutputGone();
        return _connection.IsOutputGone ? new FlushResult(isCanceled: false, isCompleted: true) : result;
    }

    private FlushResult Gone()
    {
        _connection.OnOutputGone();
        return new FlushResult(isCanceled: false, isCompleted: true);
    }

    // A writer that has not noticed the close yet writes here.
    private byte[] Scratch(int sizeHint)
    {
        if (_scratch.Length < Math.Max(sizeHint, 1)) _scratch = new byte[Math.Max(sizeHint, 4096)];
        return _scratch;
    }
}
