using System.Buffers.Text;
using System.Text;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// One event on its way to a function and the answer on its way back. Belongs to its caller, except between
/// <see cref="HostedFunction.Submit"/> and its end, when it belongs to the function's loop. Pooled per caller's loop;
/// 0 bytes allocated.
/// </summary>
public sealed class Invocation : IValueTaskSource<bool>, IExchangeCanceller
{
    public const int IdBytes = 36;

    private static readonly SendOrPostCallback s_end = static state => ((Invocation)state!).End();

    private readonly EventLoop? _caller;
    private readonly byte[] _id = new byte[IdBytes];
    private readonly byte[] _trace = new byte[128];
    private ManualResetValueTaskSourceCore<bool> _core;
    private int _traceLength;
    private bool _isAbandoned;

    /// <summary>Without a caller's loop the end is told on the thread pool.</summary>
    public Invocation(EventLoop? caller)
    {
        _caller = caller;
        _core.RunContinuationsAsynchronously = caller is null;
        Renew();
    }

    /// <summary>The event, JSON in UTF-8.</summary>
    public PayloadBuffer Event { get; } = new();

    /// <summary>The answer; whole unless it is streamed.</summary>
    public PayloadBuffer Answer { get; } = new();

    /// <summary>A UUID in text.</summary>
    public ReadOnlySpan<byte> Id => _id;

    public Guid Uuid { get; private set; }

    public InvocationStatus Status { get; private set; }

    /// <summary>The pieces of a streamed answer, with <see cref="InvocationStatus.Streaming"/> only.</summary>
    public AnswerStream? Stream { get; private set; }

    /// <summary>Base64-free JSON of the caller's client context; empty for none.</summary>
    public byte[] ClientContext { get; set; } = [];

    /// <summary>The arn names a version.</summary>
    public bool IsQualified { get; set; }

    /// <summary>The end of the log is wanted with the answer.</summary>
    public bool WantsTail { get; set; }

    /// <summary>The last lines the invocation wrote, when they were wanted.</summary>
    public byte[] Tail { get; set; } = [];

    public ReadOnlySpan<byte> Trace => _trace.AsSpan(0, _traceLength);

    internal HostedFunction Function { get; set; } = null!;

    /// <summary>Loop time of the function's loop when it was submitted.</summary>
    internal long SubmittedMs { get; set; }

    /// <summary>Ticks when it was given to an environment.</summary>
    internal long StartTimestamp { get; set; }

    internal Invocation? Next { get; set; }

    internal InvocationPool? Home { get; set; }

    /// <summary>True: the end has come, see <see cref="Status"/>. False: it was abandoned. Await once.</summary>
    public ValueTask<bool> WaitAsync() => new(this, _core.Version);

    /// <summary>It is another attempt of this one. Before it is submitted.</summary>
    internal void Identify(Guid id)
    {
        Uuid = id;
        Uuid.TryFormat(_id, out _);
    }

    /// <summary>Root, Parent and Sampled of X-Ray, from a W3C trace.</summary>
    public void SetTrace(ReadOnlySpan<byte> traceId, ulong spanId, bool isSampled)
    {
        if (traceId.Length != 32) return;
        var text = _trace.AsSpan();
        "Root=1-"u8.CopyTo(text);
        traceId[..8].CopyTo(text[7..]);
        text[15] = (byte)'-';
        traceId[8..].CopyTo(text[16..]);
        ";Parent="u8.CopyTo(text[40..]);
        Utf8Formatter.TryFormat(spanId, text[48..], out _, new System.Buffers.StandardFormat('x', 16));
        (isSampled ? ";Sampled=1"u8 : ";Sampled=0"u8).CopyTo(text[64..]);
        _traceLength = 74;
    }

    /// <summary>The trace header of the caller, as it came.</summary>
    public void SetTrace(ReadOnlySpan<byte> header)
    {
        if (header.Length > _trace.Length) return;
        header.CopyTo(_trace);
        _traceLength = header.Length;
    }

    /// <summary>The caller goes without the answer; the wait ends with false. Caller's loop.</summary>
    public void Abandon()
    {
        if (_isAbandoned || Status != InvocationStatus.Pending) return;
        _isAbandoned = true;
        Function.Forget(this);
        _core.SetResult(result: false);
    }

    void IExchangeCanceller.Cancel() => Abandon();

    /// <summary>Ready for another event. Caller's loop.</summary>
    public void Recycle()
    {
        if (Home is null || Stream is not null) return;
        Event.Clear();
        Answer.Clear();
        Function = null!;
        ClientContext = [];
        Tail = [];
        IsQualified = WantsTail = _isAbandoned = false;
        _traceLength = 0;
        Status = InvocationStatus.Pending;
        _core.Reset();
        Renew();
        Home.Return(this);
    }

    /// <summary>Function's loop; once.</summary>
    internal void Done(InvocationStatus status)
    {
        Status = status;
        if (_caller is null || _caller.IsCurrent) End();
        else _caller.Post(s_end, this);
    }

    /// <summary>The function begins to answer piece by piece. Function's loop; it uses nothing else after.</summary>
    internal AnswerStream BeginStream(string contentType)
    {
        Stream = new AnswerStream(contentType);
        Done(InvocationStatus.Streaming);
        return Stream;
    }

    /// <summary>A failure that the gateway tells in the function's stead. Function's loop.</summary>
    internal void Fail(string errorType, string message)
    {
        Answer.Clear();
        Answer.Append(Encoding.UTF8.GetBytes($"{{\"errorType\":\"{errorType}\",\"errorMessage\":\"{message}\"}}"));
        Done(InvocationStatus.FunctionError);
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    // On the caller's loop there is no context to go back to: whoever ends the wait is there.
    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(
            continuation, state, token, _caller is null ? flags : ValueTaskSourceOnCompletedFlags.None);

    private void End()
    {
        if (!_isAbandoned)
        {
            _core.SetResult(result: true);
            return;
        }
        Stream?.Abandon();
        Recycle();
    }

    private void Renew() => Identify(Guid.NewGuid());
}
