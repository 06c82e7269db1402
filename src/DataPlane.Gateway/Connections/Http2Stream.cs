using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// One of Kestrel's HTTP/2 streams, as often as Kestrel uses it: brings each request to the connection's loop, and the
/// end of its exchange back. Kestrel does not use an aborted stream again, so what it tells late finds nobody.
/// </summary>
internal sealed class Http2Stream
{
    private static readonly SendOrPostCallback s_run = static state => ((Http2Stream)state!).Run();
    private static readonly SendOrPostCallback s_aborted = static state => ((Http2Stream)state!).OnAborted();

    private readonly Action _onEnd;
    private TaskCompletionSource _ended = null!;
    private CancellationTokenRegistration _abortion;
    private ValueTask<bool> _run;
    private Http2Turn? _turn;

    public Http2Stream(Http2Connection connection, IFeatureCollection features)
    {
        Connection = connection;
        Features = features;
        Request = features.GetRequiredFeature<IHttpRequestFeature>();
        Response = features.GetRequiredFeature<IHttpResponseFeature>();
        Output = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _onEnd = OnEnd;
    }

    public Http2Connection Connection { get; }

    public IFeatureCollection Features { get; }

    public IHttpRequestFeature Request { get; }

    public IHttpResponseFeature Response { get; }

    public IHttpResponseBodyFeature Output { get; }

    /// <summary>Its place among the connection's active streams.</summary>
    public int Index { get; set; }

    /// <summary>Null between requests.</summary>
    public Exchange? Exchange => _turn?.Exchange;

    /// <summary>Kestrel will not deliver anything any more: the client or Kestrel has reset the stream.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Handles the request Kestrel has read; done when Kestrel may end the response. Any thread.</summary>
    public Task ProcessAsync()
    {
        _ended = new TaskCompletionSource();
        // Done first: once the loop has the stream, this thread may not look at it any more.
        var ended = _ended.Task;
        _abortion = Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.UnsafeRegister(
            static state => ((Http2Stream)state!).PostAborted(), this);
        Connection.Loop.Post(s_run, this);
        return ended;
    }

    /// <summary>Loop thread.</summary>
    public void Cancel(CancelReason reason) => _turn?.Exchange.Cancel(reason);

    /// <summary>RST_STREAM: the client must not take what it has for all there is. Loop thread.</summary>
    public void Reset(int errorCode)
    {
        if (IsAborted) return;
        IsAborted = true;
        Features.GetRequiredFeature<IHttpResetFeature>().Reset(errorCode);
    }

    private void PostAborted() => Connection.Loop.Post(s_aborted, this);

    private void OnAborted()
    {
        IsAborted = true;
        if (_turn is null) return;
        _turn.Sink.OnAborted();
        Cancel(CancelReason.ClientGone);
    }

    private void Run()
    {
        _run = RunAsync();
        if (_run.IsCompleted) OnEnd();
        else _run.GetAwaiter().UnsafeOnCompleted(_onEnd);
    }

    private void OnEnd()
    {
        _abortion.Unregister();
        // Kestrel ends the response here and now: with a context it would be queued for the thread pool.
        SynchronizationContext.SetSynchronizationContext(null);
        End();
        SynchronizationContext.SetSynchronizationContext(Connection.Loop.Context);
    }

    private void End()
    {
        try
        {
            _run.GetAwaiter().GetResult();
            _ended.SetResult();
        }
        catch (Exception defect)
        {
            // Kestrel logs it and resets the stream.
            _ended.SetException(defect);
        }
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> RunAsync()
    {
        var turn = _turn = Connection.Begin(this);
        try
        {
            if (IsAborted) return false;
            var processor = Connection.Shard.Processor;
            var exchange = turn.Exchange;
            if (!turn.TryTakeHead(this))
            {
                var reply = LocalReplies.For(exchange.Request.Fault);
                processor.Refuse(exchange, turn.Sink, ExchangeOutcome.BadRequest, reply);
                Connection.CountRefusal();
                return true;
            }
            // Whether a body that is said to be empty is so, its stream must say before anybody is asked to answer.
            var fault = turn.Body is { IsEmpty: false, Length: 0 }
                ? await turn.Body.ReadEndAsync()
                : ExchangeOutcome.Completed;
            if (fault != ExchangeOutcome.Completed)
            {
                processor.Refuse(exchange, turn.Sink, fault, LocalReplies.For(fault));
                return true;
            }
            var answer = processor.Begin(exchange, turn.Sink);
            if (!answer.IsCompleted) answer = await new Settlement<ExchangeOutcome>(answer);
            await processor.End(exchange, turn.Sink, answer);
            return true;
        }
        finally
        {
            _turn = null;
            Connection.End(this, turn);
        }
    }
}
