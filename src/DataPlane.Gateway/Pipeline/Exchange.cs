using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Retries;
using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// One request and its response: the single mutable object of the pipeline. Pooled per loop, rented when the first byte
/// of a head arrives and returned when the response is recorded, so an idle connection has none. It does not know which
/// protocol carries it. Loop thread only.
/// </summary>
public sealed class Exchange : ILoopTimerTarget
{
    public const int RequestIdBytes = 32;

    /// <summary>An incoming X-Request-Id longer than this is replaced: it goes into logs and upstream heads.</summary>
    private const int MaxRequestIdBytes = 128;

    private readonly RandomIds _ids = new();
    private readonly byte[] _requestId = new byte[MaxRequestIdBytes];
    private int _requestIdLength;
    private readonly LoopTimer _timeout;
    private byte[] _head = [];
    private byte[] _path = [];
    private int _pathLength;
    private bool _isClientDeadline;

    public Exchange(EventLoop loop)
    {
        Loop = loop;
        _timeout = new LoopTimer(this);
        Trace = new ExchangeTrace(_ids);
    }

    public EventLoop Loop { get; }

    /// <summary>Read once, when the head is complete: a request never sees two configurations.</summary>
    public GatewaySnapshot Snapshot { get; set; } = null!;

    /// <summary>Drawn by the connection: which generation serves it while two of them do.</summary>
    public uint Lot { get; set; }

    public Listener Listener { get; set; } = null!;

    /// <summary>The client speaks HTTP/2: for records, and for what a response head says to HTTP/1.1 only.</summary>
    public bool IsHttp2 { get; set; }

    public ClientAddress Client { get; set; } = null!;

    /// <summary>What it came on; null where nobody may know.</summary>
    public IClientConnection? Connection { get; set; }

    /// <summary>Of the connection, beyond its address; null when there is nothing more to know.</summary>
    public ConnectionFacts? Facts { get; set; }

    public RequestHead Request { get; } = new();

    public RequestBody Body { get; set; } = null!;

    public RouteMatch Match { get; } = new();

    public Route? Route => Match.Route;

    public ResponseDraft Response { get; } = new();

    /// <summary>What counts it as under way.</summary>
    public ExchangeBounds Bounds { get; set; }

    /// <summary>Valid while <see cref="Bounds"/> has <see cref="ExchangeBounds.Caller"/>.</summary>
    public CallerPlace CallerPlace { get; set; }

    /// <summary>Header rules of the route for the upstream request; null for none.</summary>
    public Headers.HeaderRules? RequestRules { get; set; }

    /// <summary>Instead of the client's conditions and range; null for the client's own.</summary>
    public UpstreamConditions? Conditions { get; set; }

    /// <summary>Told once when the exchange must stop; set by the integration while it waits.</summary>
    public IExchangeCanceller? Canceller { get; set; }

    public CancelReason CancelReason { get; private set; }

    /// <summary>How an exchange ends that was cancelled for <see cref="CancelReason"/>.</summary>
    public ExchangeOutcome CancelOutcome => CancelReason switch
    {
        CancelReason.ExchangeTimeout => ExchangeOutcome.ExchangeTimeout,
        CancelReason.Draining => ExchangeOutcome.Draining,
        CancelReason.ClientDeadline => ExchangeOutcome.DeadlineExceeded,
        _ => ExchangeOutcome.ClientAborted,
    };

    /// <summary>The local reply a policy chose, or the failure the processor turns into one.</summary>
    public LocalReply? Reply { get; set; }

    /// <summary>Set while the exchange is to become, or is, a tunnel.</summary>
    public Tunnels.Upgrade? Upgrade { get; set; }

    /// <summary>How the exchange ends when a policy answers <see cref="Verdict.Reply"/>.</summary>
    public ExchangeOutcome ReplyOutcome { get; set; } = ExchangeOutcome.LocalReply;

    /// <summary>The endpoint of the last try; null when no upstream was asked.</summary>
    public UpstreamEndpoint? Endpoint { get; set; }

    /// <summary>Upstream connections this exchange was sent on.</summary>
    public int Tries { get; set; }

    /// <summary>The status a gRPC call ended with, ours or the upstream's; -1 when there is none.</summary>
    public int GrpcStatus { get; set; } = -1;

    /// <summary>
    /// An integration holds the whole request body and may send it again, although it was read.
    /// </summary>
    public bool HoldsBody { get; set; }

    /// <summary>What retries have used up; null before the first failure of this pooled exchange.</summary>
    public ExchangeRetries? Retries { get; set; }

    /// <summary>Timestamps and durations in <see cref="TimeProvider"/> ticks.</summary>
    public long StartTimestamp { get; set; }

    public long UpstreamStartTimestamp { get; set; }

    /// <summary>When the upstream's last byte was there; 0 when no upstream was asked.</summary>
    public long UpstreamEndTimestamp { get; set; }

    public long ConnectTicks { get; set; }

    public long FirstByteTicks { get; set; }

    public long BodyBytesReceived { get; set; }

    public ReadOnlySpan<byte> HeadBytes => _head.AsSpan(0, Request.HeadLength);

    /// <summary>Bytes of the slab that holds the head; 0 without one.</summary>
    public int HeadBufferBytes => _head.Length;

    /// <summary>The one path every decision is made on; see <see cref="Http.Requests.CanonicalPath"/>.</summary>
    public ReadOnlySpan<byte> CanonicalPath => _path.AsSpan(0, _pathLength);

    /// <summary>Host of the request without its port; empty when an HTTP/1.0 request named none.</summary>
    public ReadOnlySpan<byte> Host => Request.HostNameRange.Of(_head);

    public ReadOnlySpan<byte> RequestId => _requestId.AsSpan(0, _requestIdLength);

    /// <summary>The context passed on, and the spans of a sampled exchange.</summary>
    public ExchangeTrace Trace { get; }

    /// <summary>Room for what an integration renders from templates; its content lasts for one exchange.</summary>
    public byte[] Scratch { get; private set; } = [];

    /// <summary>Doubles <see cref="Scratch"/>; templates are bounded by the head they quote.</summary>
    public void GrowScratch() => Scratch = new byte[Math.Max(256, Scratch.Length * 2)];

    /// <summary>Takes over a complete head; the array is the exchange's until <see cref="Reset"/>.</summary>
    public void TakeHead(byte[] head) => _head = head;

    /// <summary>The array <see cref="TakeHead"/> gave, for the connection to return to its loop.</summary>
    public byte[] ReleaseHead()
    {
        var head = _head;
        _head = [];
        return head;
    }

    /// <summary>Works out the canonical path, a pure function of the head. False when the path is refused.</summary>
    public bool Resolve(out PathFault fault, out PathTraits traits)
    {
        var raw = Request.PathRange.Of(_head);
        if (_path.Length < raw.Length + 1) _path = new byte[Math.Max(256, raw.Length + 1)];
        fault = Http.Requests.CanonicalPath.Write(
            raw, _path, out _pathLength, out traits, Request.HasPlainPath);
        return fault == PathFault.None;
    }

    /// <summary>
    /// Keeps a usable X-Request-Id and traceparent of the client, or makes new ones; always new ones for a head that
    /// was
    /// refused, whose ranges mean nothing. 0 bytes.
    /// </summary>
    public void Identify(bool traceContext, TraceSettings? tracing = null)
    {
        HeaderField field = default;
        bool keeps = Request.HeadLength > 0
            && Request.TryFind(KnownHeader.XRequestId, out field)
            && TryKeepRequestId(field);
        if (!keeps) MakeRequestId();
        Trace.Begin(Request, _head, traceContext, tracing);
    }

    /// <summary>Ends the exchange after so long; for routes that set a timeout.</summary>
    public void ArmTimeout(int timeoutMs) => Loop.Timers.Set(_timeout, Loop.NowMs + timeoutMs);

    /// <summary>
    /// Ends the exchange after so long because its client asked for it, unless the route ends it before.
    /// </summary>
    public void ArmClientDeadline(int timeoutMs)
    {
        long dueMs = Loop.NowMs + timeoutMs;
        if (_timeout.IsSet && _timeout.DueMs <= dueMs) return;
        _isClientDeadline = true;
        Loop.Timers.Set(_timeout, dueMs);
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer) =>
        Cancel(_isClientDeadline ? CancelReason.ClientDeadline : CancelReason.ExchangeTimeout);

    /// <summary>
    /// The exchange goes on for as long as its ends like: without a timeout, and without keeping the configuration it
    /// began under in memory, where it is counted now.
    /// </summary>
    public void Outlive()
    {
        if (_timeout.IsSet) TimerWheel.Pause(_timeout);
        Snapshot.Tally?.Count(this, ExchangeOutcome.Completed, Response.StatusCode);
        Snapshot = null!;
    }

    /// <summary>Stops the exchange: the integration is told at once, and only once. Loop thread.</summary>
    public void Cancel(CancelReason reason)
    {
        if (CancelReason != CancelReason.None) return;
        CancelReason = reason;
        Canceller?.Cancel();
    }

    public void Reset()
    {
        if (_timeout.IsSet) TimerWheel.Pause(_timeout);
        Request.Reset();
        Match.Reset();
        Response.Reset();
        Snapshot = null!;
        Listener = null!;
        IsHttp2 = false;
        Client = null!;
        Facts = null;
        Connection = null;
        Body = null!;
        RequestRules = null;
        Conditions = null;
        Canceller = null;
        CancelReason = CancelReason.None;
        Reply = null;
        Upgrade = null;
        ReplyOutcome = ExchangeOutcome.LocalReply;
        Endpoint = null;
        Tries = 0;
        GrpcStatus = -1;
        HoldsBody = _isClientDeadline = false;
        Retries?.Clear();
        StartTimestamp = UpstreamStartTimestamp = UpstreamEndTimestamp = ConnectTicks = FirstByteTicks = 0;
        BodyBytesReceived = 0;
        _requestIdLength = 0;
        Trace.Reset();
        _pathLength = 0;
        // A path of many kilobytes is rare: do not keep its buffer for every exchange of the pool.
        if (_path.Length > 1024) _path = [];
    }

    private bool TryKeepRequestId(in HeaderField field)
    {
        if (field.ValueLength is 0 or > MaxRequestIdBytes) return false;
        var value = _head.AsSpan(field.ValueStart, field.ValueLength);
        // Printable ASCII only: the id is written to logs, JSON bodies and upstream heads as it is.
        if (value.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) || value.ContainsAny("\"\\"u8)) return false;
        value.CopyTo(_requestId);
        _requestIdLength = value.Length;
        return true;
    }

    private void MakeRequestId()
    {
        _ids.Write(_requestId);
        _ids.Write(_requestId.AsSpan(RandomIds.Digits));
        _requestIdLength = RequestIdBytes;
    }
}
