using System.Buffers;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// One try of one exchange on an HTTP/2 upstream: what ends its waits, and the bytes of its response. Rented from its
/// loop's pool for the time of an exchange. Loop thread, apart from <see cref="Token"/>.
/// </summary>
internal sealed class Http2Call : IExchangeCanceller, ILoopTimerTarget
{
    private readonly LoopTimer _timer;
    private CancellationTokenSource _cancellation = new();
    private UpstreamSettings _settings = null!;
    private Exchange? _exchange;
    private UpstreamEndpoint _endpoint = null!;
    private ExchangeOutcome _timeoutReason;

    public Http2Call(EventLoop loop)
    {
        Loop = loop;
        _timer = new LoopTimer(this);
    }

    public EventLoop Loop { get; }

    public ResponseHead Head { get; } = new();

    /// <summary>The bytes <see cref="Head"/> points into; rented from the loop during a try.</summary>
    public byte[] HeadBytes { get; set; } = [];

    /// <summary>Ends whatever of the runtime's is under way for this try.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Why a wait was ended; <see cref="ExchangeOutcome.Completed"/> while nothing did.</summary>
    public ExchangeOutcome StopReason { get; private set; }

    /// <summary>The response's head has come: the timer is the response's from now on.</summary>
    public bool IsAnswering { get; set; }

    public int ResponseTimeoutMs => _settings.ResponseTimeoutMs;

    public int ReadTimeoutMs => _settings.ReadTimeoutMs;

    public void Begin(Exchange exchange, UpstreamEndpoint endpoint, UpstreamSettings settings)
    {
        _exchange = exchange;
        _endpoint = endpoint;
        _settings = settings;
        StopReason = ExchangeOutcome.Completed;
        IsAnswering = false;
        Head.Reset();
        exchange.Canceller = this;
        exchange.Endpoint = endpoint;
        exchange.Tries++;
        exchange.GrpcStatus = -1;
        endpoint.Load(Loop).InFlight++;
    }

    /// <summary>The try is over, and nothing of the runtime's works for it any more.</summary>
    public void End()
    {
        TimerWheel.Pause(_timer);
        if (_exchange is null) return;
        _endpoint.Load(Loop).InFlight--;
        if (ReferenceEquals(_exchange.Canceller, this)) _exchange.Canceller = null;
        _exchange = null;
        if (!_cancellation.TryReset()) _cancellation = new CancellationTokenSource();
    }

    /// <summary>Gives the bytes of the head back, once the response has gone out.</summary>
    public void ReleaseHead()
    {
        if (HeadBytes.Length > 0) Loop.Slabs.Return(HeadBytes);
        HeadBytes = [];
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

    /// <summary>Resets the stream: every wait for it ends.</summary>
    public void Stop(ExchangeOutcome reason)
    {
        if (StopReason != ExchangeOutcome.Completed || _exchange is null) return;
        StopReason = reason;
        _cancellation.Cancel();
    }

    /// <summary>Ends what the runtime still does for this try; its outcome is known.</summary>
    public void Abandon() => _cancellation.Cancel();

    void IExchangeCanceller.Cancel() => Stop(_exchange!.CancelOutcome);

    void ILoopTimerTarget.OnTimer(LoopTimer timer) => Stop(_timeoutReason);
}
