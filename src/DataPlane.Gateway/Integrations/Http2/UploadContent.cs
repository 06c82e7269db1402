using System.Net;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// A request body sent as it arrives, while the response may already be coming. The runtime calls from its threads; the
/// work is done on the exchange's loop, and <see cref="StopAsync"/> waits until it is over: the body is the exchange's.
/// </summary>
internal sealed class UploadContent(RequestBody body, Http2Call call, ValueTask<BodyRead> first) : HttpContent
{
    private const int Fresh = 0;
    private const int Running = 1;
    private const int Ended = 2;

    private readonly EventLoop _loop = call.Loop;
    private readonly long _length = body.Length;
    private readonly ValueTask<BodyRead> _first = first;
    private TaskCompletionSource? _waiter;
    private int _state;
    private bool _isUnwanted;

    /// <summary>
    /// A try has ended: what has not been sent by now is not wanted any more. Nothing has been sent after a connect
    /// that failed, and another try may send it. Loop thread.
    /// </summary>
    public async ValueTask StopAsync()
    {
        if (Volatile.Read(ref _state) != Running) return;
        _isUnwanted = true;
        _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        body.CancelRead();
        call.Abandon();
        await _waiter.Task;
    }

    /// <summary>The exchange has ended: the body is its connection's again. Loop thread, after the last try.</summary>
    public async ValueTask CloseAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Ended, Fresh) != Fresh) return;
        if (!_first.IsCompleted) body.CancelRead();
        if ((await _first).Status == BodyStatus.Bytes) body.Advance();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The runtime sends a refused request again, but of this one a part is gone.
        if (Interlocked.CompareExchange(ref _state, Running, Fresh) != Fresh)
            throw new HttpRequestException("The request body cannot be sent again.");
        await _loop.SwitchTo();
        try
        {
            await UploadAsync(stream, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _state, Ended);
            _waiter?.SetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return _length >= 0;
    }

    private async Task UploadAsync(Stream stream, CancellationToken cancellation)
    {
        var next = _first;
        // The head is: the runtime keeps it back for the first bytes of the body.
        bool isUnsent = true;
        while (true)
        {
            // An upstream may answer to the head alone, or message by message: neither waits here for the client.
            if (!next.IsCompleted && isUnsent)
            {
                await FlushAsync(stream, next, cancellation);
                isUnsent = false;
            }
            var read = await next;
            if (read.Status == BodyStatus.End) break;
            if (read.Status != BodyStatus.Bytes) Break(read.Status);
            try
            {
                await SendAsync(stream.WriteAsync(read.Bytes, cancellation));
            }
            finally
            {
                body.Advance();
            }
            if (_isUnwanted) throw new OperationCanceledException();
            isUnsent = true;
            if (read.IsLast) break;
            next = body.ReadAsync();
        }
        call.ArmUpload(call.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
    }

    /// <summary>The read under way ends too when the stream is gone: nobody else would wait for it.</summary>
    private async ValueTask FlushAsync(Stream stream, ValueTask<BodyRead> next, CancellationToken cancellation)
    {
        try
        {
            await SendAsync(new ValueTask(stream.FlushAsync(cancellation)));
        }
        catch
        {
            if (!next.IsCompleted) body.CancelRead();
            if ((await next).Status == BodyStatus.Bytes) body.Advance();
            throw;
        }
    }

    private async ValueTask SendAsync(ValueTask send)
    {
        call.ArmUpload(call.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
        await send;
        call.DisarmUpload();
    }

    /// <summary>The body will not come to its end, and neither does the request: its stream is reset.</summary>
    private void Break(BodyStatus status)
    {
        var reason = RequestUpload.FaultOf(status);
        if (reason != ExchangeOutcome.Completed) call.Stop(reason);
        throw new OperationCanceledException();
    }
}
