using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.InMemory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// A client's connection as Kestrel's HTTP/2 server sees it: two pipes, for any thread, and on the loop two relays
/// between them and the connection, which look at the frames on their way. The server never waits for the loop to
/// send: what it has written when the loop comes to it goes out in one piece at the end of the turn. Loop thread,
/// apart from what <see cref="ConnectionContext"/> has.
/// </summary>
internal sealed class Http2Transport : ConnectionContext, ILoopTimerTarget
{
    private readonly LoopConnection _inner;
    private readonly Http2GlitchBudget _budget;
    private readonly Http2InputWatch _inputWatch;
    private readonly Http2OutputWatch _outputWatch;
    private readonly LoopTimer _timer;
    private readonly LoopTimer _takeTimer;
    private readonly Pipe _toServer;
    private readonly Pipe _toClient;
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _received = Task.CompletedTask;
    private Task _sent = Task.CompletedTask;
    private bool _isEnding;

    public Http2Transport(LoopConnection inner, Http2GlitchBudget budget, int maxStreams)
    {
        _inner = inner;
        _budget = budget;
        _outputWatch = new Http2OutputWatch(budget);
        _inputWatch = new Http2InputWatch(budget, _outputWatch, maxStreams);
        _timer = new LoopTimer(this);
        _takeTimer = new LoopTimer(this);
        var pool = inner.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared;
        var scheduler = new LoopPipeScheduler(inner.Loop);
        // The server's reader copies and gives the rest to the thread pool by itself.
        _toServer = new Pipe(new PipeOptions(
            pool, PipeScheduler.Inline, scheduler, Limits.Http2PipeBytes, Limits.Http2PipeBytes / 2,
            useSynchronizationContext: false));
        _toClient = new Pipe(new PipeOptions(
            pool, scheduler, PipeScheduler.ThreadPool, Limits.Http2PipeBytes, Limits.Http2PipeBytes / 2,
            useSynchronizationContext: false));
        Transport = new DuplexPipe(_toServer.Reader, _toClient.Writer);
        budget.OnUsedUp = StopReceiving;
    }

    /// <summary>Bytes per second that the client takes at least, and when that begins to count; 0 = off.</summary>
    public required Func<(int BytesPerSecond, int GraceMs)> SendRate { get; init; }

    /// <summary>No exchange of this connection is under way.</summary>
    public required Func<bool> IsIdle { get; init; }

    /// <summary>
    /// Ends when the client has long gone, no exchange is left and the server still has not ended by itself: a stream
    /// of its that is told to wait for the connection's window just as the connection is aborted waits for ever.
    /// </summary>
    public Task Abandoned => _abandoned.Task;

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public void Start()
    {
        _received = ReceiveAsync();
        _sent = SendAsync();
    }

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Reset();

    /// <summary>The server has done with the connection: sends what is left, and closes it.</summary>
    public async Task EndAsync()
    {
        await _toServer.Reader.CompleteAsync();
        await _toClient.Writer.CompleteAsync();
        _inner.Transport.Input.CancelPendingRead();
        BoundEnd();
        await _received;
        await _sent;
        _inner.Loop.Timers.Cancel(_timer);
        _inner.Loop.Timers.Cancel(_takeTimer);
        _inner.Close();
    }

    /// <summary>The client takes what it is sent too slowly, or the end takes too long.</summary>
    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        if (ReferenceEquals(timer, _takeTimer))
        {
            StopReceiving();
            return;
        }
        _inner.Reset();
        if (!_isEnding) return;
        if (IsIdle()) _abandoned.TrySetResult();
        else _inner.Loop.Timers.Set(_timer, _inner.Loop.NowMs + Limits.Http2EndMs);
    }

    /// <summary>Nothing the client sends is wanted any more, whether it comes or waits for the server.</summary>
    private void StopReceiving()
    {
        _inner.Transport.Input.CancelPendingRead();
        _toServer.Writer.CancelPendingFlush();
    }

    private void BoundEnd()
    {
        if (_isEnding) return;
        _isEnding = true;
        _inner.Loop.Timers.Set(_timer, _inner.Loop.NowMs + Limits.Http2EndMs);
    }

    private async Task ReceiveAsync()
    {
        var input = _inner.Transport.Input;
        var output = _toServer.Writer;
        while (true)
        {
            var read = await input.ReadAsync();
            foreach (var segment in read.Buffer)
            {
                _inputWatch.Look(segment.Span);
                output.Write(segment.Span);
            }
            input.AdvanceTo(read.Buffer.End);
            var flush = output.FlushAsync();
            var taken = flush.IsCompletedSuccessfully ? flush.Result : await WaitForServerAsync(flush);
            if (read.IsCompleted || read.IsCanceled || taken.IsCompleted || taken.IsCanceled || _budget.IsUsedUp) break;
        }
        // To the server this is the end of the connection: it says GOAWAY.
        await output.CompleteAsync();
        // What the client is sending now must not destroy that.
        _inner.InputExpected = _inner.Peer == PeerState.Open;
        BoundEnd();
    }

    /// <summary>
    /// The server reads whatever its streams do, so one that has stopped is ending, and waits for a stream of its that
    /// never ends (see <see cref="Abandoned"/>), or for a client that takes nothing: neither is waited for long.
    /// </summary>
    private async ValueTask<FlushResult> WaitForServerAsync(ValueTask<FlushResult> flush)
    {
        var (rate, graceMs) = SendRate();
        if (rate > 0) _inner.Loop.Timers.Set(_takeTimer, _inner.Loop.NowMs + graceMs + Limits.Http2EndMs);
        var taken = await flush;
        TimerWheel.Pause(_takeTimer);
        return taken;
    }

    private async Task SendAsync()
    {
        var input = _toClient.Reader;
        var output = _inner.Transport.Output;
        while (true)
        {
            var read = await input.ReadAsync();
            int length = (int)read.Buffer.Length;
            if (length > 0) Pass(read.Buffer, length, output);
            input.AdvanceTo(read.Buffer.End);
            var flush = _inner.FlushSoonAsync();
            var sent = flush.IsCompletedSuccessfully ? flush.Result : await WaitAsync(flush, length);
            if (read.IsCompleted || sent.IsCompleted) break;
        }
        await input.CompleteAsync();
    }

    private void Pass(in ReadOnlySequence<byte> frames, int length, PipeWriter output)
    {
        var room = output.GetSpan(length)[..length];
        frames.CopyTo(room);
        _outputWatch.Look(room);
        output.Advance(length);
    }

    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush, int length)
    {
        var (rate, graceMs) = SendRate();
        long dueMs = _inner.Loop.NowMs + graceMs + (rate > 0 ? length * 1000L / rate : 0);
        if (rate > 0 && !_isEnding) _inner.Loop.Timers.Set(_timer, dueMs);
        var sent = await flush;
        if (!_isEnding) TimerWheel.Pause(_timer);
        return sent;
    }
}
