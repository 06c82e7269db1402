using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Http2;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// One exchange with an HTTP/2 upstream, over all its tries: the request's body as far as it is held, the stream of the
/// try under way, and what ends its waits. Rented from its loop's pool. Loop thread; 0 bytes.
/// </summary>
internal sealed class Http2Call : IExchangeCanceller, ILoopTimerTarget
{
    private readonly LoopTimer _timer;
    private UpstreamSettings _settings = null!;
    private Exchange _exchange = null!;
    private UpstreamEndpoint? _endpoint;
    private StreamWait? _wait;
    private RequestBody _body = null!;
    private byte[] _held = [];
    private int _heldLength;
    private ValueTask<BodyRead> _next;
    private bool _hasNext;
    private ExchangeOutcome _timeoutReason;

    public Http2Call(EventLoop loop)
    {
        Loop = loop;
        _timer = new LoopTimer(this);
    }

    public EventLoop Loop { get; }

    public GrpcKind Kind { get; private set; }

    /// <summary>Of the try under way, once there is one.</summary>
    public UpstreamStream? Stream { get; private set; }

    /// <summary>Why a wait was ended; <see cref="ExchangeOutcome.Completed"/> while nothing did.</summary>
    public ExchangeOutcome StopReason { get; private set; }

    /// <summary>The response's head has come: the timer is the response's from now on.</summary>
    public bool IsAnswering { get; set; }

    /// <summary>What has not been uploaded by now is not wanted any more.</summary>
    public bool IsUploadUnwanted { get; private set; }

    /// <summary>Nothing follows what is held: the request may be sent whole, and again.</summary>
    public bool HoldsBody { get; private set; }

    /// <summary>The body as the upstream gets it.</summary>
    public RequestBody Body => _body;

    public ReadOnlyMemory<byte> Held => _held.AsMemory(0, _heldLength);

    public int ResponseTimeoutMs => _settings.ResponseTimeoutMs;

    public int ReadTimeoutMs => _settings.ReadTimeoutMs;

    /// <summary>
    /// Takes what has come of the body. One that is there whole, and small, is held. A fault of one that is broken
    /// already, or completed.
    /// </summary>
    public ExchangeOutcome Begin(Exchange exchange, GrpcKind kind, UpstreamSettings settings)
    {
        _exchange = exchange;
        _settings = settings;
        Kind = kind;
        StopReason = ExchangeOutcome.Completed;
        IsUploadUnwanted = false;
        HoldsBody = true;
        _body = kind == GrpcKind.WebText ? new GrpcWebBody(exchange.Body) : exchange.Body;
        if (_body.IsEmpty) return ExchangeOutcome.Completed;
        var first = _body.ReadAsync();
        if (!first.IsCompletedSuccessfully) return Await(first);
        var read = first.Result;
        if (read.Status != BodyStatus.Bytes)
            return read.Status == BodyStatus.End ? ExchangeOutcome.Completed : RequestUpload.FaultOf(read.Status);
        if (!read.IsLast || read.Bytes.Length > Limits.HeldBodyBytes) return Await(new ValueTask<BodyRead>(read));
        _held = Loop.Slabs.Rent(read.Bytes.Length);
        _heldLength = read.Bytes.Length;
        read.Bytes.CopyTo(_held);
        _body.Advance();
        // Trailers may follow, and come with the end.
        var end = _body.ReadAsync();
        if (!end.IsCompletedSuccessfully) return Await(end);
        read = end.Result;
        if (read.Status != BodyStatus.End) return Await(new ValueTask<BodyRead>(read));
        exchange.HoldsBody = true;
        return ExchangeOutcome.Completed;
    }

    /// <summary>What follows the held part of the body; once.</summary>
    public ValueTask<BodyRead> TakeNext()
    {
        _hasNext = false;
        return _next;
    }

    /// <summary>The body can still be sent whole.</summary>
    public bool IsBodyWhole => HoldsBody || _hasNext;

    public void BeginTry(UpstreamEndpoint endpoint)
    {
        _endpoint = endpoint;
        IsAnswering = false;
        _exchange.Canceller = this;
        _exchange.Endpoint = endpoint;
        _exchange.Tries++;
        _exchange.GrpcStatus = -1;
        endpoint.Load(Loop).InFlight++;
        // Nobody was told while there was nothing to be ended.
        if (_exchange.CancelReason != CancelReason.None) Stop(_exchange.CancelOutcome);
    }

    /// <summary>
    /// A stream of a warm connection, or of one that is opened for it. Otherwise the outcome says why there is none.
    /// </summary>
    public ValueTask<StreamLease> TakeStreamAsync(Upstream upstream, ResponseSink sink)
    {
        if (StopReason != ExchangeOutcome.Completed) return new(new StreamLease(null, StopReason));
        var pool = _endpoint!.Pool(Loop.Index).Http2;
        Stream = pool.TryTake(_exchange.Request.Method, _exchange.Snapshot.ResponseHead);
        return Stream is not null
            ? new(new StreamLease(Stream, ExchangeOutcome.Completed))
            : WaitForStreamAsync(pool, upstream, sink);
    }

    /// <summary>The try is over, and its upload with it.</summary>
    public void EndTry()
    {
        TimerWheel.Pause(_timer);
        Stream?.Release();
        Stream = null;
        if (_endpoint is null) return;
        _endpoint.Load(Loop).InFlight--;
        _endpoint = null;
        if (ReferenceEquals(_exchange.Canceller, this)) _exchange.Canceller = null;
    }

    /// <summary>The exchange has ended: the body is its connection's again.</summary>
    public ValueTask CloseBodyAsync() => _hasNext ? DropNextAsync() : default;

    public void End()
    {
        EndTry();
        if (_held.Length > 0) Loop.Slabs.Return(_held);
        _held = [];
        _heldLength = 0;
        _next = default;
        _hasNext = false;
        _body = null!;
        _exchange = null!;
    }

    /// <summary>Ends the next wait with <paramref name="reason"/> unless it ends by itself within the time.</summary>
    public void Arm(int timeoutMs, ExchangeOutcome reason)
    {
        _timeoutReason = reason;
        Loop.Timers.Set(_timer, Loop.NowMs + timeoutMs);
    }

    public void Disarm() => TimerWheel.Pause(_timer);

    /// <summary>
    /// As <see cref="Arm"/>, for the request's side, which no longer counts once an answer has begun.
    /// </summary>
    public void ArmUpload(int timeoutMs, ExchangeOutcome reason)
    {
        if (!IsAnswering) Arm(timeoutMs, reason);
    }

    public void DisarmUpload()
    {
        if (!IsAnswering) Disarm();
    }

    /// <summary>Every wait of the try ends.</summary>
    public void Stop(ExchangeOutcome reason)
    {
        if (StopReason != ExchangeOutcome.Completed) return;
        StopReason = reason;
        _wait?.TryEnd(new StreamLease(null, reason));
        Stream?.Interrupt();
    }

    /// <summary>A timeout was this try's: another one has its own.</summary>
    public void ForgetTimeout()
    {
        if (StopReason == ExchangeOutcome.UpstreamResponseTimeout) StopReason = ExchangeOutcome.Completed;
    }

    /// <summary>The try has ended before its upload: that one ends as well.</summary>
    public void StopUpload()
    {
        IsUploadUnwanted = true;
        _body.CancelRead();
        Stream!.Interrupt();
    }

    void IExchangeCanceller.Cancel() => Stop(_exchange.CancelOutcome);

    void ILoopTimerTarget.OnTimer(LoopTimer timer) => Stop(_timeoutReason);

    private ExchangeOutcome Await(ValueTask<BodyRead> next)
    {
        _next = next;
        _hasNext = true;
        HoldsBody = false;
        return ExchangeOutcome.Completed;
    }

    private async ValueTask<StreamLease> WaitForStreamAsync(Http2Pool pool, Upstream upstream, ResponseSink sink)
    {
        // Replies to earlier pipelined requests must not wait for this upstream.
        await sink.FlushAsync();
        if (StopReason != ExchangeOutcome.Completed) return new StreamLease(null, StopReason);
        long start = Loop.Time.GetTimestamp();
        _wait = new StreamWait(Loop, _exchange.Request.Method, _exchange.Snapshot.ResponseHead);
        var lease = await pool.TakeAsync(upstream, _wait);
        _wait = null;
        _exchange.ConnectTicks += Loop.Time.GetTimestamp() - start;
        Stream = lease.Stream;
        if (Stream is null || StopReason == ExchangeOutcome.Completed) return lease;
        return new StreamLease(null, StopReason);
    }

    private async ValueTask DropNextAsync()
    {
        if (!_next.IsCompleted) _body.CancelRead();
        if ((await TakeNext()).Status == BodyStatus.Bytes) _body.Advance();
    }
}
