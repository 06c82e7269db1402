using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.WebSockets;

namespace DataPlane.Gateway.Integrations.Http.Tunnels;

/// <summary>
/// The two directions between a client and an upstream that have left HTTP: "up" from the client, "down" to it. Each is
/// a loop of its own that reads, writes and flushes before it waits, so the slower end holds the faster one back. What
/// comes while it waits, and can leave at once, passes by it: <see cref="IInputTaker.Take"/>. Made per tunnel; loop
/// thread; 0 bytes per message.
/// <para>
/// It ends when both directions have ended. A FIN is passed on; of a WebSocket, which has no half-close, it is the end.
/// When it is for us to end a WebSocket (drain, idle, lifetime) both ends get a Close frame between two of the other's
/// frames, what comes after it is dropped, and their own Close is waited for.
/// </para>
/// </summary>
internal sealed class Tunnel : ITunnel, IInputTaker, ILoopTimerTarget
{
    private readonly Exchange _exchange;
    private readonly ResponseSink _sink;
    private readonly UpstreamConnection _connection;
    private readonly Upgrade _upgrade;
    private readonly LoopTimer _timer;
    private readonly Farewell? _farewell;
    private long _bornMs;
    private long _activeMs;

    // When the ends have had their time to close; 0 while nobody is.
    private long _deadlineMs;
    private TunnelEnd _end;
    private bool _isSplicing;
    private bool _isOver;
    private bool _isBroken;

    public Tunnel(Exchange exchange, ResponseSink sink, UpstreamConnection connection)
    {
        _exchange = exchange;
        _sink = sink;
        _connection = connection;
        _upgrade = exchange.Upgrade!;
        _timer = new LoopTimer(this);
        if (_upgrade.Protocol.IsWebSocket) _farewell = new Farewell();
    }

    private EventLoop Loop => _exchange.Loop;

    /// <summary>Serves the tunnel to its end, and ends the upstream's connection; the client's is the sink's.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> RunAsync()
    {
        _upgrade.Tunnel = this;
        _connection.Transport.ReceiveHint = 0;
        _bornMs = _activeMs = Loop.NowMs;
        try
        {
            if (await _sink.StartTunnelAsync())
            {
                _upgrade.StartTimestamp = Loop.NowTimestamp;
                _exchange.Outlive();
                SetTimer();
                OfferInputTo(this);
                var up = RunUpAsync();
                await RunDownAsync();
                // A WebSocket has no half-close: its upstream's end is its client's, but in a farewell.
                if (_isOver || _farewell is { HasBegun: false }) StopUp();
                else if (_farewell is null && !up.IsCompleted && !await _sink.EndTunnelAsync()) StopUp();
                await up;
            }
            else
            {
                Break(TunnelEnd.ClientReset);
            }
        }
        catch
        {
            Break(TunnelEnd.InternalError);
            throw;
        }
        finally
        {
            OfferInputTo(null);
            Loop.Timers.Cancel(_timer);
            _upgrade.End = _end;
        }
        if (_isBroken) _connection.Discard();
        else _connection.CloseLeased();
        return TunnelOutcomes.Of(_end);
    }

    public void Drain() => Leave(TunnelEnd.Drained);

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        long nowMs = Loop.NowMs;
        var settings = _upgrade.Settings;
        // Bytes that go past us are bytes as well.
        if (_isSplicing && _connection.Transport.TakeSpliceProgress()) _activeMs = nowMs;
        if (_deadlineMs != 0 && nowMs >= _deadlineMs) Break(_end);
        else if (settings.LifetimeMs > 0 && nowMs - _bornMs >= settings.LifetimeMs) Leave(TunnelEnd.Lifetime);
        else if (settings.IdleTimeoutMs > 0 && nowMs - _activeMs >= settings.IdleTimeoutMs) Leave(TunnelEnd.Idle);
        SetTimer();
    }

    /// <summary>
    /// The usual way of a message: from one socket to the other while both directions wait. Whatever else it needs
    /// (a full socket, a goodbye, a splice, an end) is left to the directions.
    /// </summary>
    int IInputTaker.Take(LoopConnection connection, ReadOnlySpan<byte> bytes)
    {
        if (_isOver || _farewell is { HasBegun: true }) return 0;
        bool isDown = ReferenceEquals(connection, _connection.Transport);
        int taken = _farewell is null ? Send(isDown, bytes)
            : isDown ? TakeFrames(ref _farewell.Down, isDown, bytes)
            : TakeFrames(ref _farewell.Up, isDown, bytes);
        if (taken == 0) return 0;
        _activeMs = Loop.NowMs;
        if (isDown)
        {
            _upgrade.Counts.AddSent(Loop, taken);
        }
        else
        {
            _upgrade.Counts.AddReceived(Loop, taken);
            _exchange.BodyBytesReceived += taken;
        }
        return taken;
    }

    private int TakeFrames(ref FrameWalker walker, bool isDown, ReadOnlySpan<byte> bytes)
    {
        var ahead = walker;
        if (!ahead.Walk(bytes) || ahead.PayloadLeft >= Limits.SpliceFromBytes) return 0;
        int taken = Send(isDown, bytes);
        if (taken == bytes.Length) walker = ahead;
        else walker.Walk(bytes[..taken]);
        return taken;
    }

    private int Send(bool isDown, ReadOnlySpan<byte> bytes) =>
        isDown ? _sink.PassNow(bytes) : _connection.Transport.SendNow(bytes);

    private void OfferInputTo(IInputTaker? taker)
    {
        _connection.Transport.OfferInputTo(taker);
        _exchange.Body.OfferTo(taker);
    }

    /// <summary>From the upstream to the client.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> RunDownAsync()
    {
        while (true)
        {
            while (!_isOver && _connection.TryFirstHeld(out var run))
            {
                _connection.Held = _connection.Held.Slice(run.Length);
                var write = PassDown(run);
                if (!(write.IsCompletedSuccessfully ? write.Result : await write)) return BreakClient();
            }
            _connection.ReleaseHeld();
            if (_isOver || _farewell is { IsDownOver: true }) return End(TunnelEnd.UpstreamClosed);
            bool splices = _farewell is not null && CanSplice(_farewell);
            if (splices && !await SpliceDownAsync(_farewell!)) return BreakClient();
            var read = _connection.Input.ReadAsync();
            if (!read.IsCompleted)
            {
                var flush = _sink.FlushSoonAsync();
                if (!(flush.IsCompletedSuccessfully ? flush.Result : await flush)) return BreakClient();
            }
            var result = await read;
            _connection.Held = result.Buffer;
            if (_connection.StopReason != ExchangeOutcome.Completed && !_isOver) return BreakStopped();
            if (result.Buffer.IsEmpty && result.IsCompleted) return EndOfUpstream();
            if (result.IsCanceled && _farewell is { HasBegun: true } && !await _farewell.TrySayDownAsync(_sink))
                return BreakClient();
        }
    }

    /// <summary>From the client to the upstream.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> RunUpAsync()
    {
        var body = _exchange.Body;
        while (true)
        {
            var next = body.ReadAsync();
            if (!next.IsCompleted)
            {
                var flush = FlushUp();
                bool isFlushed = flush.IsCompletedSuccessfully ? IsSent(flush.Result) : IsSent(await flush);
                if (!isFlushed) return BreakUpstream();
            }
            var read = await next;
            if (_isOver) return false;
            if (read.Status == BodyStatus.Cancelled)
            {
                if (_farewell is { HasBegun: true }) _farewell.TrySayUp(_connection.Output);
            }
            else if (read.Status == BodyStatus.Bytes)
            {
                var write = PassUp(read.Bytes);
                bool isSent = write.IsCompletedSuccessfully ? IsSent(write.Result) : IsSent(await write);
                body.Advance();
                if (!isSent) return BreakUpstream();
            }
            else
            {
                return read.Status == BodyStatus.End ? EndOfClient() : Break(TunnelEnd.ClientReset);
            }
            if (_farewell is { IsUpOver: true }) return End(TunnelEnd.ClientClosed);
        }
    }

    private ValueTask<bool> PassDown(ReadOnlyMemory<byte> run)
    {
        _activeMs = Loop.NowMs;
        _upgrade.Counts.AddSent(Loop, run.Length);
        if (_farewell is null) return _sink.WriteAsync(run);
        if (_farewell.HasBegun) return _farewell.PartDownAsync(_sink, run);
        if (_farewell.Down.Walk(run.Span)) return _sink.WriteAsync(run);
        Break(TunnelEnd.BadFrame);
        return new ValueTask<bool>(result: false);
    }

    private ValueTask<FlushResult> PassUp(ReadOnlyMemory<byte> run)
    {
        _activeMs = Loop.NowMs;
        _upgrade.Counts.AddReceived(Loop, run.Length);
        var output = _connection.Output;
        if (_farewell is { HasBegun: true })
        {
            _farewell.PartUp(output, run.Span);
        }
        else
        {
            if (_farewell is not null && !_farewell.Up.Walk(run.Span)) Break(TunnelEnd.BadFrame);
            if (run.Length > Limits.CoalescedBodyBytes) return output.WriteAsync(run);
            output.Write(run.Span);
        }
        return output.UnflushedBytes < Limits.CoalescedReplyBytes ? default : output.FlushAsync();
    }

    /// <summary>The rest of a large frame goes past us: where it ends, and the next begins, is known.</summary>
    private bool CanSplice(Farewell frames) =>
        frames.Down.PayloadLeft >= Limits.SpliceFromBytes
        && !frames.HasBegun
        && _sink.CanSplice(_connection.Transport);

    /// <summary>
    /// False when the client could not be reached. An upstream that has ended shows with the next read.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SpliceDownAsync(Farewell frames)
    {
        while (frames.Down.PayloadLeft >= Limits.SpliceFromBytes && !_isOver)
        {
            if (!await _sink.FlushAsync()) return false;
            _isSplicing = true;
            long step = Math.Min(frames.Down.PayloadLeft, Limits.SpliceStepBytes);
            long moved = await _sink.SpliceAsync(_connection.Transport, step);
            _isSplicing = false;
            _activeMs = Loop.NowMs;
            frames.Down.Skip(moved);
            _upgrade.Counts.AddSent(Loop, moved);
            if (_sink.Failure != ExchangeOutcome.Completed) return false;
            if (moved == 0) return true;
        }
        return true;
    }

    private ValueTask<FlushResult> FlushUp() =>
        _connection.Output.UnflushedBytes == 0 ? default : _connection.Transport.FlushSoonAsync();

    private static bool IsSent(FlushResult result) => result is { IsCompleted: false, IsCanceled: false };

    private bool EndOfUpstream() =>
        _connection.Transport.Peer == PeerState.Gone
            ? Break(TunnelEnd.UpstreamReset)
            : End(TunnelEnd.UpstreamClosed);

    private bool EndOfClient()
    {
        End(TunnelEnd.ClientClosed);
        if (_farewell is { HasBegun: true }) return false;
        if (!_connection.Transport.CanHalfClose)
        {
            Stop();
            return false;
        }
        _connection.Output.Complete();
        if (_farewell is not null) SetDeadline();
        return false;
    }

    /// <summary>Ends the tunnel from our side: in words where the protocol has them.</summary>
    private void Leave(TunnelEnd reason)
    {
        if (_isOver || _farewell is { HasBegun: true }) return;
        if (_end == TunnelEnd.None) _end = reason;
        if (_farewell is null)
        {
            Stop();
            return;
        }
        _farewell.Begin(reason);
        // The drain has a time of its own.
        if (reason != TunnelEnd.Drained) SetDeadline();
        // A splice is in the middle of a frame: the words wait for its end.
        if (!_isSplicing) _connection.Input.CancelPendingRead();
        _exchange.Body.CancelRead();
    }

    private bool End(TunnelEnd reason)
    {
        if (_end == TunnelEnd.None) _end = reason;
        return false;
    }

    private bool BreakClient() =>
        Break(_sink.Failure == ExchangeOutcome.ClientTooSlow ? TunnelEnd.ClientTooSlow : TunnelEnd.ClientReset);

    private bool BreakUpstream() => !_isOver && Break(TunnelEnd.UpstreamReset);

    private bool BreakStopped() =>
        Break(_exchange.CancelReason == CancelReason.Draining ? TunnelEnd.Drained : TunnelEnd.ClientReset);

    /// <summary>Resets both ends. Always false.</summary>
    private bool Break(TunnelEnd reason)
    {
        End(reason);
        if (_isBroken) return false;
        _isBroken = true;
        Stop();
        _sink.Abort();
        return false;
    }

    /// <summary>Ends what both directions wait for.</summary>
    private void Stop()
    {
        _isOver = true;
        _connection.Stop(ExchangeOutcome.ClientAborted);
        _exchange.Body.CancelRead();
    }

    private void StopUp()
    {
        _isOver = true;
        _exchange.Body.CancelRead();
        _connection.Output.CancelPendingFlush();
    }

    private void SetDeadline()
    {
        _deadlineMs = Loop.NowMs + Limits.TunnelCloseMs;
        SetTimer();
    }

    private void SetTimer()
    {
        var settings = _upgrade.Settings;
        long dueMs = _deadlineMs == 0 ? long.MaxValue : _deadlineMs;
        bool isLeaving = _farewell is { HasBegun: true };
        if (settings.IdleTimeoutMs > 0 && !isLeaving) dueMs = Math.Min(dueMs, _activeMs + settings.IdleTimeoutMs);
        if (settings.LifetimeMs > 0 && !isLeaving) dueMs = Math.Min(dueMs, _bornMs + settings.LifetimeMs);
        if (dueMs != long.MaxValue && !_isOver) Loop.Timers.Set(_timer, dueMs);
    }
}
