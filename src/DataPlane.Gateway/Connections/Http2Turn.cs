using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Requests;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// What an HTTP/2 stream rents for the time of one exchange: the exchange, its body, its sink, and the timer of both.
/// Loop thread only.
/// </summary>
internal sealed class Http2Turn : ILoopTimerTarget
{
    private readonly LoopTimer _timer;
    private readonly EventLoop _loop;

    // Loop time at which the wait has taken too long; 0 while there is none.
    private long _readDueMs;
    private long _writeDueMs;

    public Http2Turn(EventLoop loop)
    {
        _loop = loop;
        _timer = new LoopTimer(this);
        Exchange = new Exchange(loop);
        Body = new Http2RequestBody(this);
        Sink = new Http2ResponseSink(this);
    }

    public Exchange Exchange { get; }

    public Http2RequestBody Body { get; }

    public Http2ResponseSink Sink { get; }

    public Http2Stream Stream { get; private set; } = null!;

    /// <summary>
    /// Of an extended CONNECT (RFC 8441), which becomes a tunnel or is not answered with 2xx; else null.
    /// </summary>
    public IHttpExtendedConnectFeature? Connect { get; private set; }

    private ConnectionLimits Limits => Stream.Connection.Limits;

    public void Begin(Http2Stream stream)
    {
        Stream = stream;
        var connection = stream.Connection;
        Exchange.Listener = connection.Listener;
        Exchange.IsHttp2 = true;
        Exchange.Lot = connection.Lot;
        Exchange.Client = connection.Client;
        Exchange.Facts = connection.Facts;
        Exchange.Connection = connection;
        Exchange.Body = Body;
        Exchange.StartTimestamp = _loop.NowTimestamp;
    }

    /// <summary>False when the head is refused; the exchange's request says why.</summary>
    public bool TryTakeHead(Http2Stream stream)
    {
        var connect = stream.Features.Get<IHttpExtendedConnectFeature>();
        Connect = connect is { IsExtendedConnect: true } ? connect : null;
        bool hasBody = Connect is null
            && stream.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody;
        var status = Http2HeadReader.Read(Exchange, stream.Request, Connect?.Protocol, hasBody, Limits.Head);
        if (status != ParseStatus.Complete) return false;
        if (hasBody) Body.Attach(stream.Features);
        return true;
    }

    public void Reset()
    {
        if (_timer.IsSet) TimerWheel.Pause(_timer);
        _readDueMs = _writeDueMs = 0;
        Exchange.Reset();
        Body.Reset();
        Sink.Reset();
        Connect = null;
        Stream = null!;
    }

    public void BeginBodyWait()
    {
        _readDueMs = _loop.NowMs + BodyAllowanceMs();
        SetTimer();
    }

    public void EndBodyWait()
    {
        _readDueMs = 0;
        SetTimer();
    }

    /// <summary>The client has time for so many bytes; they wait for its window, or for its connection.</summary>
    public void BeginWrite(long bytes)
    {
        int rate = Limits.ResponseRate;
        _writeDueMs = _loop.NowMs
            + (rate == 0 ? int.MaxValue / 2 : Math.Min(int.MaxValue / 2, Limits.RateGraceMs + (bytes * 1000 / rate)));
        SetTimer();
    }

    public void EndWrite()
    {
        _writeDueMs = 0;
        SetTimer();
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        if (_readDueMs != 0 && _readDueMs <= _loop.NowMs)
        {
            _readDueMs = 0;
            Body.OnTooSlow();
        }
        if (_writeDueMs != 0 && _writeDueMs <= _loop.NowMs)
        {
            _writeDueMs = 0;
            Sink.OnTooSlow();
        }
        SetTimer();
    }

    /// <summary>Time left for the next bytes so that the body's average stays above the minimum rate.</summary>
    private long BodyAllowanceMs()
    {
        if (Limits.RequestRate == 0) return Limits.IdleTimeoutMs;
        long earned = Exchange.BodyBytesReceived * 1000 / Limits.RequestRate;
        return Math.Clamp(Limits.RateGraceMs + earned - Body.WaitedMs, 0, Limits.IdleTimeoutMs);
    }

    private void SetTimer()
    {
        long dueMs = _readDueMs == 0 ? _writeDueMs
            : _writeDueMs == 0 ? _readDueMs
            : Math.Min(_readDueMs, _writeDueMs);
        if (dueMs == 0) TimerWheel.Pause(_timer);
        else _loop.Timers.Set(_timer, dueMs);
    }
}
