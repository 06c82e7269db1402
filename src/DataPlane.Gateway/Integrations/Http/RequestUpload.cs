using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Headers;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Bodies;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// Sends a request body to the upstream as it arrives, framed anew. A run goes out from where the client's transport
/// received it, the first one together with the head. Loop thread; 0 bytes.
/// </summary>
internal static class RequestUpload
{
    /// <summary>
    /// True when the whole body went out; the response's time starts then. False when it did not: a client's fault has
    /// stopped the connection with its reason, an upstream that stopped reading may still answer.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> RunAsync(
        RequestBody body, UpstreamConnection connection, HeaderRules? rules)
    {
        var output = connection.Output;
        bool chunked = body.Length < 0;
        while (true)
        {
            var next = body.ReadAsync();
            // An upstream may answer to the head alone, or work chunk by chunk: neither waits here for the client.
            if (!next.IsCompleted && output.UnflushedBytes > 0) await SendAsync(connection, output.FlushAsync());
            var read = await next;
            if (read.Status == BodyStatus.End) break;
            if (read.Status != BodyStatus.Bytes)
            {
                if (FaultOf(read.Status) is var fault and not ExchangeOutcome.Completed) connection.Stop(fault);
                return false;
            }
            if (chunked) PutSizeLine(output, read.Bytes.Length);
            bool isShortEnd = read.IsLast && !chunked && read.Bytes.Length <= Limits.CopiedUploadBytes;
            if (isShortEnd) Put(output, read.Bytes.Span);
            var write = isShortEnd ? connection.Transport.FlushSoonAsync() : output.WriteAsync(read.Bytes);
            bool sent = await SendAsync(connection, write);
            body.Advance();
            if (!sent) return false;
            if (chunked) Put(output, ChunkedEncoder.Crlf);
            else if (read.IsLast) break;
        }
        if (chunked)
        {
            Put(output, ChunkedEncoder.LastSizeLine);
            if (body.Trailers is { } trailers)
            {
                rules?.RemoveFrom(trailers);
                Put(output, trailers.Lines);
            }
            Put(output, ChunkedEncoder.Crlf);
            if (!await SendAsync(connection, connection.Transport.FlushSoonAsync())) return false;
        }
        connection.ArmUpload(connection.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
        return true;
    }

    private static ValueTask<bool> SendAsync(UpstreamConnection connection, ValueTask<FlushResult> write) =>
        write.IsCompletedSuccessfully
            ? new ValueTask<bool>(write.Result is { IsCompleted: false, IsCanceled: false })
            : WaitAsync(connection, write);

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> WaitAsync(UpstreamConnection connection, ValueTask<FlushResult> write)
    {
        connection.ArmUpload(connection.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
        var result = await write;
        connection.DisarmUpload();
        return result is { IsCompleted: false, IsCanceled: false };
    }

    /// <summary>The response is over: what has not been uploaded by now is not wanted any more.</summary>
    public static ValueTask<bool> EndAsync(RequestBody body, UpstreamConnection connection, ValueTask<bool> upload)
    {
        if (upload.IsCompleted) return upload;
        body.CancelRead();
        connection.Output.CancelPendingFlush();
        return upload;
    }

    /// <summary>What a body that broke off means for its exchange; completed when it is nobody's fault.</summary>
    public static ExchangeOutcome FaultOf(BodyStatus status) => status switch
    {
        BodyStatus.Malformed => ExchangeOutcome.BadRequestBody,
        BodyStatus.TooLarge => ExchangeOutcome.RequestBodyTooLarge,
        BodyStatus.TooSlow => ExchangeOutcome.RequestBodyTooSlow,
        BodyStatus.PeerGone => ExchangeOutcome.ClientAborted,
        _ => ExchangeOutcome.Completed,
    };

    private static void PutSizeLine(PipeWriter output, int length) =>
        output.Advance(ChunkedEncoder.WriteSizeLine(output.GetSpan(ChunkedEncoder.MaxSizeLineBytes), length));

    private static void Put(PipeWriter output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }
}
