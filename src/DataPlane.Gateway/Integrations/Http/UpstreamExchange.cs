using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// One request and its response on a leased connection whose request head is already buffered. Upload and response run
/// side by side, so an early answer is relayed while the body is still coming. Takes care of the connection: returned
/// when both directions ended cleanly, dropped otherwise. Loop thread; 0 bytes.
/// </summary>
internal static class UpstreamExchange
{
    /// <summary>Received at once while waiting for a head: the rest of a large body is then spliced.</summary>
    private const int HeadReceiveBytes = 16 * 1024;

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<ExchangeOutcome> RunAsync(
        Exchange exchange, ResponseSink sink, UpstreamConnection connection, TimeProvider time)
    {
        ValueTask<bool> upload = default;
        bool uploading = !exchange.Body.IsEmpty;
        if (uploading)
        {
            upload = RequestUpload.RunAsync(exchange.Body, connection);
        }
        else
        {
            var flush = connection.Output.FlushAsync();
            connection.Arm(connection.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
            if (!flush.IsCompletedSuccessfully) await flush;
        }
        // Replies to earlier pipelined requests must not wait for this upstream.
        var earlier = sink.FlushAsync();
        if (!earlier.IsCompletedSuccessfully) await earlier;

        connection.Transport.ReceiveHint = HeadReceiveBytes;
        HeadProgress progress;
        do
        {
            var result = await connection.Input.ReadAsync();
            progress = TakeHead(exchange, connection, in result, time);
        }
        while (progress.Status == ParseStatus.Incomplete);

        var outcome = progress.Status == ParseStatus.Complete
            ? await ResponseRelay.RunAsync(exchange, sink, connection)
            : progress.Outcome;
        bool uploaded = !uploading || await EndUploadAsync(exchange, connection, upload);
        if (outcome == ExchangeOutcome.Completed && uploaded && connection.IsClean) connection.Return();
        else connection.Discard();
        return outcome;
    }

    /// <summary>Takes what a read brought: the final head, or interim ones, or the end of all hope.</summary>
    private static HeadProgress TakeHead(
        Exchange exchange, UpstreamConnection connection, in ReadResult result, TimeProvider time)
    {
        var buffer = result.Buffer;
        if (connection.StopReason != ExchangeOutcome.Completed)
        {
            connection.Input.AdvanceTo(buffer.Start);
            return new HeadProgress(ParseStatus.Invalid, connection.StopReason);
        }
        if (exchange.FirstByteTicks == 0 && !buffer.IsEmpty)
        {
            exchange.FirstByteTicks = time.GetTimestamp() - exchange.UpstreamStartTimestamp;
        }
        while (!buffer.IsEmpty)
        {
            var status = UpstreamHeadReader.Read(exchange, connection, in buffer, out var rest);
            if (status == ParseStatus.Incomplete) break;
            int code = connection.Head.StatusCode;
            if (status == ParseStatus.Complete && code >= 200)
            {
                connection.Held = rest;
                return new HeadProgress(ParseStatus.Complete, ExchangeOutcome.Completed);
            }
            // 101 was not asked for, and too many interim answers are a flood.
            if (status == ParseStatus.Invalid || code == 101 || !connection.CountInterim())
            {
                connection.Input.AdvanceTo(buffer.End);
                return new HeadProgress(ParseStatus.Invalid, ExchangeOutcome.UpstreamProtocolError);
            }
            connection.ForgetHead();
            buffer = rest;
        }
        connection.Input.AdvanceTo(result.Buffer.End);
        if (!result.IsCompleted) return new HeadProgress(ParseStatus.Incomplete, ExchangeOutcome.Completed);
        return new HeadProgress(
            ParseStatus.Invalid,
            connection.HeadGathered > 0 ? ExchangeOutcome.UpstreamProtocolError : ExchangeOutcome.UpstreamClosed);
    }

    /// <summary>The response is over: what has not been uploaded by now is not wanted any more.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> EndUploadAsync(
        Exchange exchange, UpstreamConnection connection, ValueTask<bool> upload)
    {
        if (!upload.IsCompleted)
        {
            exchange.Body.CancelRead();
            connection.Output.CancelPendingFlush();
        }
        return await upload;
    }

    private readonly record struct HeadProgress(ParseStatus Status, ExchangeOutcome Outcome);
}
