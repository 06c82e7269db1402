using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// The loop of one HTTP/1.1 client connection: read a head, hand the exchange to the processor, and again. One state
/// machine for the connection's life. Its timer serves a read, a write and a grace, which may all be under way at once.
/// Loop thread only.
/// </summary>
internal sealed class Http1Connection : ClientConnection, IPeerWatcher, ILoopTimerTarget
{
    private readonly LoopTimer _timer;
    private LoopConnection _transport = null!;
    private EventLoop _loop = null!;
    private ConnectionLimits _limits = null!;
    private long _bornMs;
    private ForwardingSettings? _forwarding;
    private Http1Turn? _turn;
    private ConnectionPhase _phase;
    private long _waitStartMs;
    private long _headDueMs;

    // Loop time at which the wait has taken too long; 0 while there is none.
    private long _readDueMs;
    private long _writeDueMs;
    private long _graceDueMs;

    private int _requests;
    private bool _timedOut;
    private bool _writeTimedOut;
    private bool _draining;
    private bool _continued;
    private bool _mayBeHttp2;

    public Http1Connection(ConnectionShard shard)
    {
        _timer = new LoopTimer(this);
        Shard = shard;
    }

    public ConnectionShard Shard { get; }

    public LoopConnection Transport => _transport;

    public override EndPoint? RemoteEndPoint => _transport.RemoteEndPoint;

    public override EndPoint? LocalEndPoint => _transport.LocalEndPoint;

    public PipeReader Input { get; private set; } = null!;

    public PipeWriter Output { get; private set; } = null!;

    /// <summary>More requests were received together with the current one.</summary>
    public bool HasMoreInput => _turn!.Body.LeftMore;

    /// <summary>Makes ready for a connection: the object may have served another one.</summary>
    public void Begin(
        LoopConnection transport, Listener listener, ForwardingSettings forwarding, ConnectionLimits limits, uint lot)
    {
        (_transport, _loop) = (transport, transport.Loop);
        (Input, Output) = (transport.Transport.Input, transport.Transport.Output);
        _bornMs = _loop.NowMs;
        _requests = 0;
        _readDueMs = _writeDueMs = _graceDueMs = 0;
        _timedOut = _writeTimedOut = _draining = _continued = false;
        Listener = listener;
        Facts = transport.Features.Get<ConnectionFacts>();
        // Over TLS the handshake has decided (RFC 9113 3.2).
        _mayBeHttp2 = listener.SpeaksHttp2 && Facts?.Tls is null;
        Lot = lot;
        Follow(forwarding, limits);
    }

    /// <summary>
    /// Serves the connection to its end, or to the preface of HTTP/2; the object is the next connection's from then on.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ConnectionEnd> RunAsync()
    {
        _transport.Watcher = this;
        Shard.Add(this);
        bool inOrder = true;
        bool isHttp2 = false;
        try
        {
            Wait(ConnectionPhase.Idle, PatienceMs(_limits.HeadTimeoutMs));
            while (inOrder)
            {
                if (!Input.TryRead(out var result))
                {
                    // Replies held back for company leave before the connection waits.
                    if (!await FlushAsync()) inOrder = GiveUp();
                    result = await Input.ReadAsync();
                }
                var status = TakeHead(in result);
                if (status == HeadStatus.Incomplete) continue;
                if (status == HeadStatus.Closed)
                {
                    inOrder = inOrder && await FlushAsync();
                    break;
                }
                isHttp2 = status == HeadStatus.Http2;
                if (isHttp2) break;
                if (status == HeadStatus.Refused)
                {
                    await _turn!.Sink.FlushAsync();
                    break;
                }
                BeginExchange();
                var answer = Shard.Processor.Begin(_turn!.Exchange, _turn.Sink);
                if (!answer.IsCompleted) answer = await new Settlement<ExchangeOutcome>(answer);
                await Shard.Processor.End(_turn.Exchange, _turn.Sink, answer);
                inOrder = !_turn.Sink.IsAborted;
                if (_turn.Sink.MustClose || !(_turn.Body.HasEnded || await _turn.Body.DrainAsync())) break;
                EndTurn();
                Wait(ConnectionPhase.Idle, PatienceMs(_limits.IdleTimeoutMs));
            }
        }
        finally
        {
            End(inOrder);
        }
        return isHttp2 ? ConnectionEnd.Http2 : inOrder ? ConnectionEnd.InOrder : ConnectionEnd.Broken;
    }

    /// <summary>
    /// Whether the connection may carry another exchange after the one whose head is about to be written.
    /// </summary>
    public bool MayKeepAlive()
    {
        var turn = _turn!;
        var request = turn.Exchange.Request;
        if (!request.KeepAlive || IsEnding || request.Fault != RequestFault.None) return false;
        if (_limits.RequestsPerConnection > 0 && _requests >= _limits.RequestsPerConnection) return false;
        if (turn.Body.HasEnded) return true;
        // A client that still waits for 100 may send its body or not: only closing is unambiguous. Nor is a large
        // unread body worth reading: answering early and going on is how 0.CL desynchronisation starts.
        if (request.ExpectContinue && !_continued) return false;
        return request.Framing == BodyFraming.Length && request.ContentLength <= Limits.DrainedBodyBytes;
    }

    /// <summary>The next response closes the connection, whatever its request asks for.</summary>
    public bool IsEnding => _draining || Shard.IsDraining;

    /// <summary>
    /// HTTP ends here: what the client sends is the exchange's body from now on, and no time of HTTP's runs.
    /// </summary>
    public void BeginTunnel()
    {
        _phase = ConnectionPhase.Tunnel;
        _readDueMs = _graceDueMs = 0;
        SetTimer();
        _turn!.Body.BeginTunnel();
        if (IsEnding) _turn.Exchange.Upgrade!.Tunnel!.Drain();
    }

    /// <summary>
    /// The 100 that a slow client has not taken yet, or null: an output has one flush at a time, so the response waits.
    /// </summary>
    public Task<bool>? Continuing { get; private set; }

    /// <summary>Sends 100 (Continue), once, when somebody wants the body (RFC 9110 10.1.1).</summary>
    public ValueTask<bool> ContinueAsync()
    {
        if (_continued || _turn!.Sink.IsStarted) return new ValueTask<bool>(result: true);
        _continued = true;
        "HTTP/1.1 100 Continue\r\n\r\n"u8.CopyTo(Output.GetSpan(25));
        Output.Advance(25);
        var sent = FlushAsync();
        if (sent.IsCompletedSuccessfully) return sent;
        // A window that has no room for 25 bytes is rare enough to allocate for.
        Continuing = sent.AsTask();
        return new ValueTask<bool>(Continuing);
    }

    public void BeginBodyWait()
    {
        _waitStartMs = _loop.NowMs;
        _readDueMs = _loop.NowMs + BodyAllowanceMs();
        SetTimer();
    }

    /// <summary>True when the wait was ended because the body came too slowly.</summary>
    public bool EndBodyWait()
    {
        _turn!.Body.WaitedMs += _loop.NowMs - _waitStartMs;
        bool timedOut = _timedOut;
        _timedOut = false;
        _readDueMs = 0;
        AllowHalfClose();
        return timedOut;
    }

    public void BeginWrite(long bytes)
    {
        long allowance = _limits.ResponseRate == 0
            ? int.MaxValue / 2
            : Math.Min(int.MaxValue / 2, _limits.RateGraceMs + (bytes * 1000 / _limits.ResponseRate));
        _writeDueMs = _loop.NowMs + allowance;
        // A client that is sent its answer is judged by how it reads.
        _graceDueMs = 0;
        SetTimer();
    }

    /// <summary>True when the client took too long.</summary>
    public bool EndWrite()
    {
        bool timedOut = _writeTimedOut;
        _writeTimedOut = false;
        _writeDueMs = 0;
        AllowHalfClose();
        return timedOut;
    }

    /// <summary>
    /// Ends the connection after the response under way or, when it is idle, after the next one. Its client does not
    /// know yet, and a request may be on its way: closing at once would reset it. Silence ends the connection soon.
    /// </summary>
    public override void Drain()
    {
        _draining = true;
        if (_phase == ConnectionPhase.Tunnel) _turn!.Exchange.Upgrade!.Tunnel!.Drain();
        if (_phase != ConnectionPhase.Idle) return;
        _readDueMs = Earlier(_readDueMs, _loop.NowMs + Limits.DrainSilenceMs);
        SetTimer();
    }

    public override bool IsIdle => _phase == ConnectionPhase.Idle && !_draining;

    public override long IdleSinceMs => _waitStartMs;

    public override long BornMs => _bornMs;

    public override int Streams => _phase >= ConnectionPhase.Exchange ? 1 : 0;

    public override long MemoryBytes => ConnectionCosts.Connection
        + (Facts?.Tls is null ? 0 : ConnectionCosts.Tls)
        + (_turn is null ? 0 : ConnectionCosts.Exchange + _turn.Exchange.HeadBufferBytes);

    public override void Shed()
    {
        _draining = _timedOut = true;
        Input.CancelPendingRead();
    }

    public override void Break()
    {
        _turn?.Exchange.Cancel(CancelReason.Draining);
        _draining = _timedOut = true;
        Input.CancelPendingRead();
        Output.CancelPendingFlush();
    }

    public override ConnectionView Describe()
    {
        var exchange = _phase >= ConnectionPhase.Exchange ? _turn?.Exchange : null;
        double? elapsed = exchange is null
            ? null
            : _loop.Time.GetElapsedTime(exchange.StartTimestamp, _loop.NowTimestamp).TotalSeconds;
        string state = _phase switch
        {
            ConnectionPhase.Idle => "idle",
            ConnectionPhase.Head => "reading",
            ConnectionPhase.Tunnel => "tunnel",
            _ => "active",
        };
        return new ConnectionView(
            Listener.Name, state, Encoding.ASCII.GetString(Client.Utf8), (_loop.NowMs - _bornMs) / 1000.0, _requests,
            exchange is null ? null : Encoding.ASCII.GetString(exchange.Request.MethodRange.Of(exchange.HeadBytes)),
            exchange?.Route?.Id, elapsed, Streams, MemoryBytes);
    }

    void IPeerWatcher.OnPeerChanged(LoopConnection connection)
    {
        if (_turn is null) return;
        if (connection.Peer == PeerState.Gone) _turn.Exchange.Cancel(CancelReason.ClientGone);
        else AllowHalfClose();
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        if (IsDue(ref _writeDueMs))
        {
            _writeTimedOut = true;
            Output.CancelPendingFlush();
        }
        if (IsDue(ref _readDueMs))
        {
            _timedOut = true;
            Input.CancelPendingRead();
        }
        if (IsDue(ref _graceDueMs)) _turn?.Exchange.Cancel(CancelReason.ClientGone);
        SetTimer();
    }

    private void BeginExchange()
    {
        _requests++;
        _phase = ConnectionPhase.Exchange;
        _readDueMs = 0;
        // A timer that fired when the head had already come has ended nothing.
        _timedOut = false;
        AllowHalfClose();
    }

    private void EndTurn()
    {
        _turn!.Body.Release();
        Shard.Return(_turn);
        _turn = null;
        _continued = false;
        Continuing = null;
    }

    private void End(bool inOrder)
    {
        if (_turn is not null)
        {
            // The client may still be sending what nobody reads: its answer must survive that.
            _transport.InputExpected = inOrder && !_turn.Body.HasEnded;
            EndTurn();
        }
        CloseOwn();
        _loop.Timers.Cancel(_timer);
        _transport.Watcher = null;
        Shard.Remove(this);
        Shard.ReturnConnection(this);
    }

    /// <summary>Ends the pending read of a connection whose client takes no replies.</summary>
    private bool GiveUp()
    {
        Input.CancelPendingRead();
        _draining = true;
        return false;
    }

    /// <summary>Sends what is buffered, if anything. False when the client is gone or too slow.</summary>
    private ValueTask<bool> FlushAsync()
    {
        long bytes = Output.UnflushedBytes;
        if (bytes == 0) return new ValueTask<bool>(result: true);
        var flush = _transport.FlushSoonAsync();
        return flush.IsCompletedSuccessfully
            ? new ValueTask<bool>(flush.Result is { IsCompleted: false, IsCanceled: false })
            : WaitFlushAsync(flush, bytes);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitFlushAsync(ValueTask<FlushResult> flush, long bytes)
    {
        BeginWrite(bytes);
        var result = await flush;
        return !EndWrite() && result is { IsCompleted: false, IsCanceled: false };
    }

    /// <summary>How long a client may be silent: in a drain, as long as a request may be on its way.</summary>
    private int PatienceMs(int timeoutMs) =>
        Shard.IsDraining ? Math.Min(timeoutMs, Limits.DrainSilenceMs) : timeoutMs;

    private void Wait(ConnectionPhase phase, long timeoutMs)
    {
        _phase = phase;
        _graceDueMs = 0;
        _waitStartMs = _loop.NowMs;
        _readDueMs = _loop.NowMs + timeoutMs;
        SetTimer();
    }

    private void SetTimer()
    {
        long dueMs = Earlier(Earlier(_readDueMs, _writeDueMs), _graceDueMs);
        if (dueMs == 0) TimerWheel.Pause(_timer);
        else _loop.Timers.Set(_timer, dueMs);
    }

    private static long Earlier(long left, long right) =>
        left == 0 ? right : right == 0 ? left : Math.Min(left, right);

    private bool IsDue(ref long dueMs)
    {
        if (dueMs == 0 || dueMs > _loop.NowMs) return false;
        dueMs = 0;
        return true;
    }

    /// <summary>
    /// FIN alone does not tell a client that is gone from one that only stopped sending: it gets a moment for an answer
    /// that is nearly there, then the exchange is cancelled. RST cancels at once.
    /// </summary>
    private void AllowHalfClose()
    {
        if (_phase == ConnectionPhase.Exchange && _transport.Peer != PeerState.Open && _writeDueMs == 0)
            _graceDueMs = _loop.NowMs + Math.Max(1, _limits.HalfCloseGraceMs);
        SetTimer();
    }

    /// <summary>Time left for the next bytes so that the body's average stays above the minimum rate.</summary>
    private long BodyAllowanceMs()
    {
        if (_limits.RequestRate == 0) return _limits.IdleTimeoutMs;
        long earned = _turn!.Exchange.BodyBytesReceived * 1000 / _limits.RequestRate;
        return Math.Clamp(_limits.RateGraceMs + earned - _turn.Body.WaitedMs, 0, _limits.IdleTimeoutMs);
    }

    private HeadStatus TakeHead(in ReadResult result)
    {
        var buffer = result.Buffer;
        if (result.IsCanceled && (_timedOut || _draining))
        {
            Input.AdvanceTo(buffer.Start);
            return _turn is null || _phase == ConnectionPhase.Idle || !_timedOut ? HeadStatus.Closed : RefuseSlowHead();
        }
        if (buffer.IsEmpty)
        {
            Input.AdvanceTo(buffer.End);
            return result.IsCompleted ? HeadStatus.Closed : HeadStatus.Incomplete;
        }
        if (_mayBeHttp2 && LookForPreface(in result, out var protocol)) return protocol;
        var turn = _turn ?? BeginTurn();
        switch (Http1HeadReader.Read(turn, in buffer, _limits.Head, out var rest))
        {
            case ParseStatus.Complete:
                turn.Body.Attach(in rest, _limits.Head.HeadBytes, _limits.Head.FieldCount);
                return HeadStatus.Complete;
            case ParseStatus.Invalid:
                Input.AdvanceTo(buffer.End);
                Refuse(LocalReplies.For(turn.Exchange.Request.Fault), ExchangeOutcome.BadRequest);
                return HeadStatus.Refused;
            default:
                Input.AdvanceTo(buffer.End);
                if (result.IsCompleted) return HeadStatus.Closed;
                if (_phase == ConnectionPhase.Idle) Wait(ConnectionPhase.Head, _headDueMs - _loop.NowMs);
                return HeadStatus.Incomplete;
        }
    }

    /// <summary>Before the first head only: true when that is no head, or may still turn out to be none.</summary>
    private bool LookForPreface(in ReadResult result, out HeadStatus status)
    {
        var buffer = result.Buffer;
        switch (Http2Preface.Look(in buffer))
        {
            case OperationStatus.Done:
                Input.AdvanceTo(buffer.Start);
                status = HeadStatus.Http2;
                return true;
            case OperationStatus.NeedMoreData:
                Input.AdvanceTo(buffer.Start, buffer.End);
                status = result.IsCompleted ? HeadStatus.Closed : HeadStatus.Incomplete;
                if (_phase == ConnectionPhase.Idle) Wait(ConnectionPhase.Head, _limits.HeadTimeoutMs);
                return true;
            default:
                _mayBeHttp2 = false;
                status = default;
                return false;
        }
    }

    private Http1Turn BeginTurn()
    {
        var snapshot = Shard.Processor.SnapshotFor(Lot);
        if (!ReferenceEquals(snapshot.Forwarding, _forwarding)) Follow(snapshot.Forwarding, snapshot.ConnectionLimits);
        _turn = Shard.Rent(Listener);
        _turn.Begin(this);
        _turn.Exchange.StartTimestamp = _loop.NowTimestamp;
        _headDueMs = _loop.NowMs + _limits.HeadTimeoutMs;
        return _turn;
    }

    /// <summary>A connection may outlive the configuration it was accepted under.</summary>
    private void Follow(ForwardingSettings forwarding, ConnectionLimits limits)
    {
        _forwarding = forwarding;
        _limits = limits;
        Client = Shard.ClientOf(_transport.RemoteEndPoint, forwarding);
    }

    private HeadStatus RefuseSlowHead()
    {
        Refuse(LocalReplies.For(ExchangeOutcome.RequestTimeout), ExchangeOutcome.RequestTimeout);
        return HeadStatus.Refused;
    }

    private void Refuse(LocalReply reply, ExchangeOutcome outcome)
    {
        _draining = true;
        Shard.Processor.Refuse(_turn!.Exchange, _turn.Sink, outcome, reply);
    }
}
