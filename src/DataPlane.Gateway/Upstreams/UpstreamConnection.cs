using System.Buffers;
using System.IO.Pipelines;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// A connection to an endpoint: idle in its pool, or leased to one exchange. While leased its timer and the exchange's
/// cancellation end whatever read or flush it waits in; <see cref="StopReason"/> then says why. Loop thread only.
/// </summary>
public sealed class UpstreamConnection : IPeerWatcher, ILoopTimerTarget, IExchangeCanceller
{
    private readonly LoopConnection _connection;
    private readonly EndpointPool _pool;
    private UpstreamSettings _settings;
    private readonly LoopTimer _timer;
    private readonly long _bornMs;
    private readonly int _ageJitterMs;
    private readonly object? _tlsTerms;
    private long _idleSinceMs;
    private bool _leased = true;
    private bool _closed;
    private bool _holds;
    private int _interim;
    private ReadOnlySequence<byte> _held;

    public UpstreamConnection(LoopConnection connection, EndpointPool pool, UpstreamSettings settings)
    {
        _connection = connection;
        _pool = pool;
        _settings = settings;
        _timer = new LoopTimer(this);
        _bornMs = connection.Loop.NowMs;
        // Connections opened together must not all reach their age together.
        _ageJitterMs = Random.Shared.Next(settings.MaxAgeMs / 10 + 1);
        // What it was opened under; good enough, should they change while the handshake is under way.
        _tlsTerms = pool.Endpoint.Tls?.Terms;
        connection.Watcher = this;
    }

    public EventLoop Loop => _connection.Loop;

    public LoopConnection Transport => _connection;

    public PipeReader Input => _connection.Transport.Input;

    public PipeWriter Output => _connection.Transport.Output;

    public UpstreamEndpoint Endpoint => _pool.Endpoint;

    public ResponseHead Head { get; } = new();

    /// <summary>The bytes <see cref="Head"/> points into; rented from the loop while a response is under way.</summary>
    public byte[] HeadBytes { get; private set; } = [];

    /// <summary>Bytes of <see cref="HeadBytes"/> filled so far.</summary>
    public int HeadGathered { get; private set; }

    /// <summary>
    /// Received and not yet taken, after the head; lent by the transport until <see cref="ReleaseHeld"/>.
    /// </summary>
    public ReadOnlySequence<byte> Held
    {
        get => _held;
        set
        {
            _held = value;
            _holds = true;
        }
    }

    /// <summary>
    /// The response ended where its framing says, with nothing behind it, and the upstream keeps alive.
    /// </summary>
    public bool IsClean { get; set; }

    /// <summary>The request's body on its way; null when it has none. To be awaited once.</summary>
    public ValueTask<bool>? Upload { get; set; }

    /// <summary>The response was dropped for another try.</summary>
    public bool IsRefused { get; set; }

    /// <summary>The final response's head has come: the timer is the response's from now on.</summary>
    public bool IsAnswering { get; set; }

    /// <summary>A reload may have changed the numbers of its upstream since the connection was opened.</summary>
    public void Follow(UpstreamSettings settings) => _settings = settings;

    public int ResponseTimeoutMs => _settings.ResponseTimeoutMs;

    public int ReadTimeoutMs => _settings.ReadTimeoutMs;

    /// <summary>Served an exchange before: its upstream may have closed it in the meantime.</summary>
    public bool IsReused { get; private set; }

    /// <summary>Why a wait was ended; <see cref="ExchangeOutcome.Completed"/> while nothing did.</summary>
    public ExchangeOutcome StopReason { get; private set; }

    /// <summary>The client connection it speaks for: it began with a PROXY header. Null for none.</summary>
    internal OwnConnections? Own { get; init; }

    /// <summary>The form of that header; null for none.</summary>
    internal ProxyGreeting? Greeting { get; init; }

    internal int PoolIndex { get; set; } = -1;

    /// <summary>The exchange's failure when a wait is cut short by the timer.</summary>
    private ExchangeOutcome _timeoutReason;

    private Exchange? _exchange;

    public void Lease(Exchange exchange)
    {
        _leased = true;
        _exchange = exchange;
        StopReason = ExchangeOutcome.Completed;
        IsClean = IsAnswering = IsRefused = false;
        Upload = null;
        _interim = 0;
        Head.Reset();
        exchange.Canceller = this;
        exchange.Endpoint = Endpoint;
        exchange.Tries++;
        Endpoint.Load(Loop).InFlight++;
    }

    /// <summary>Appends head bytes to <see cref="HeadBytes"/>.</summary>
    public void GatherHead(ReadOnlySpan<byte> bytes)
    {
        int needed = HeadGathered + bytes.Length;
        if (HeadBytes.Length < needed)
        {
            var larger = Loop.Slabs.Rent(Math.Max(needed, Math.Max(Limits.InitialHeadBytes, HeadBytes.Length * 2)));
            HeadBytes.AsSpan(0, HeadGathered).CopyTo(larger);
            if (HeadBytes.Length > 0) Loop.Slabs.Return(HeadBytes);
            HeadBytes = larger;
        }
        bytes.CopyTo(HeadBytes.AsSpan(HeadGathered));
        HeadGathered = needed;
    }

    /// <summary>False when this interim response is one too many.</summary>
    public bool CountInterim() => ++_interim <= Limits.InformationalResponses;

    /// <summary>Makes ready for the head that follows an interim one.</summary>
    public void ForgetHead()
    {
        Head.Reset();
        HeadGathered = 0;
    }

    public bool TryFirstHeld(out ReadOnlyMemory<byte> memory)
    {
        memory = default;
        if (_held.IsEmpty) return false;
        var next = _held.Start;
        while (_held.TryGet(ref next, out memory))
        {
            if (!memory.IsEmpty) return true;
            _held = _held.Slice(next);
        }
        return false;
    }

    /// <summary>Gives the transport's buffer back; what was not taken stays received.</summary>
    public void ReleaseHeld()
    {
        if (!_holds) return;
        _holds = false;
        Input.AdvanceTo(_held.Start);
        _held = default;
    }

    /// <summary>Ends the next wait with <paramref name="reason"/> unless it ends by itself within the time.</summary>
    public void Arm(int timeoutMs, ExchangeOutcome reason)
    {
        _timeoutReason = reason;
        Loop.Timers.Set(_timer, Loop.NowMs + timeoutMs);
    }

    public void Disarm() => TimerWheel.Pause(_timer);

    /// <summary>
    /// As <see cref="Arm"/>, for the request's side, whose waits no longer count once an answer has begun.
    /// </summary>
    public void ArmUpload(int timeoutMs, ExchangeOutcome reason)
    {
        if (!IsAnswering) Arm(timeoutMs, reason);
    }

    public void DisarmUpload()
    {
        if (!IsAnswering) Disarm();
    }

    /// <summary>
    /// Gives a connection back whose response was read to its end and whose request was sent to its end.
    /// </summary>
    public void Return()
    {
        Unlease();
        IsReused = true;
        _idleSinceMs = Loop.NowMs;
        if (_closed || _connection.Peer != PeerState.Open || IsExpired(Loop.NowMs)) Close();
        else _pool.Return(this, _settings.MaxIdle, _settings.MaxConnections);
    }

    /// <summary>Drops a connection in the middle of an exchange.</summary>
    public void Discard()
    {
        Unlease();
        if (_closed) return;
        _closed = true;
        End();
        _connection.Reset();
        CompletePipes();
    }

    /// <summary>Ends a connection that was a tunnel: what was written still goes out.</summary>
    public void CloseLeased()
    {
        Unlease();
        Close();
    }

    public void Close()
    {
        if (_closed) return;
        _closed = true;
        End();
        _connection.Close();
        CompletePipes();
    }

    /// <summary>
    /// Good for another exchange: open, young enough, and silent. Bytes that nobody asked for would be taken for the
    /// next response (response queue poisoning), so they end the connection.
    /// </summary>
    internal bool TryReuse(long nowMs)
    {
        if (_closed || _connection.Peer != PeerState.Open || IsExpired(nowMs)) return false;
        if (!Input.TryRead(out var result)) return true;
        Input.AdvanceTo(result.Buffer.End);
        return false;
    }

    /// <summary>Takes it out of the idle ones.</summary>
    internal void LeavePool() => _pool.Remove(this);

    /// <summary>Too long unused, too old, or opened under other terms of TLS than hold now.</summary>
    internal bool IsExpired(long nowMs) =>
        nowMs - _idleSinceMs > _settings.IdleTimeoutMs
        || !ReferenceEquals(_tlsTerms, _pool.Endpoint.Tls?.Terms)
        || nowMs - _bornMs > _settings.MaxAgeMs - _ageJitterMs;

    void IPeerWatcher.OnPeerChanged(LoopConnection connection)
    {
        if (_leased) return;
        _pool.Remove(this);
        Close();
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        // Bytes that go past us do not move the timer, and a slow client is not the upstream's fault.
        bool isMoving = _timeoutReason == ExchangeOutcome.UpstreamIdleTimeout && _connection.TakeSpliceProgress();
        if (isMoving) Arm(ReadTimeoutMs, _timeoutReason);
        else Stop(_timeoutReason);
    }

    void IExchangeCanceller.Cancel() => Stop(_exchange!.CancelOutcome);

    public void Stop(ExchangeOutcome reason)
    {
        if (StopReason != ExchangeOutcome.Completed) return;
        StopReason = reason;
        Input.CancelPendingRead();
        Output.CancelPendingFlush();
    }

    private void Unlease()
    {
        Disarm();
        _leased = false;
        if (HeadBytes.Length > 0)
        {
            Loop.Slabs.Return(HeadBytes);
            HeadBytes = [];
        }
        HeadGathered = 0;
        if (_exchange is null) return;
        Endpoint.Load(Loop).InFlight--;
        if (ReferenceEquals(_exchange.Canceller, this)) _exchange.Canceller = null;
        _exchange = null;
    }

    /// <summary>Bytes that were written and never flushed hold a slab until the writer is done.</summary>
    private void CompletePipes()
    {
        Input.Complete();
        Output.Complete();
    }

    private void End()
    {
        Loop.Timers.Cancel(_timer);
        _connection.Watcher = null;
        _pool.Endpoint.Release();
    }
}
