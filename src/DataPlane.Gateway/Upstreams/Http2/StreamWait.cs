using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// Somebody who waits for a stream: for a connection to open, or for another stream to end. Ends once: by what it waits
/// for, by its timer, or when it is given up. Loop thread; made per wait, which is a cold path.
/// </summary>
internal sealed class StreamWait : ILoopTimerTarget
{
    private readonly EventLoop _loop;
    private readonly LoopWait _ended;
    private readonly LoopTimer _timer;

    public StreamWait(EventLoop loop, RequestMethod method, in HeadLimits limits)
    {
        _loop = loop;
        _ended = new LoopWait(loop);
        _timer = new LoopTimer(this);
        Method = method;
        Limits = limits;
        Place = new LinkedListNode<StreamWait>(this);
    }

    public RequestMethod Method { get; }

    public HeadLimits Limits { get; }

    /// <summary>In its pool's line.</summary>
    public LinkedListNode<StreamWait> Place { get; }

    public bool HasEnded { get; private set; }

    /// <summary>Its time was up.</summary>
    public bool IsLate { get; private set; }

    public StreamLease Result { get; private set; }

    public async ValueTask EndedAsync(int timeoutMs)
    {
        if (HasEnded) return;
        _loop.Timers.Set(_timer, _loop.NowMs + timeoutMs);
        await _ended.WaitAsync();
    }

    /// <summary>False when it has ended before: nobody takes <paramref name="result"/>.</summary>
    public bool TryEnd(in StreamLease result)
    {
        if (HasEnded) return false;
        HasEnded = true;
        Result = result;
        _loop.Timers.Cancel(_timer);
        _ended.EndLater();
        return true;
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        IsLate = true;
        TryEnd(new StreamLease(null, ExchangeOutcome.UpstreamOverloaded));
    }
}
