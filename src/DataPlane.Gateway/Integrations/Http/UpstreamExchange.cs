using System.Buffers;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

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
        bool ended = false;
        try
        {
            var outcome = await ExchangeAsync(exchange, sink, connection, time);
            ended = true;
            return outcome;
        }
        finally
        {
            // A defect of ours: the processor reports it, the connection must not stay leased for ever.
            if (!ended) connection.Discard();
        }
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> ExchangeAsync(
        Exchange exchange, ResponseSink sink, UpstreamConnection connection, TimeProvider time)
    {
        ValueTask<bool> upload = default;
        bool uploading = false;
        if (exchange.Body.IsEmpty)
        {
            var flush = connection.Output.FlushAsync();
            connection.Arm(connection.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
            if (!flush.IsCompletedSuccessfully) await flush;
        }
        else
        {
            upload = RequestUpload.RunAsync(exchange.Body, connection);
            uploading = true;
        }
        // Replies to earlier pipelined requests must not wait for this upstream.
        await sink.FlushAsync();
        var outcome = await ReadHeadAsync(exchange, connection, time);
        if (outcome == ExchangeOutcome.Completed) outcome = await ResponseRelay.RunAsync(exchange, sink, connection);
        bool uploaded = true;
        if (uploading)
        {
            if (!upload.IsCompleted)
            {
                exchange.Body.CancelRead();
                connection.Output.CancelPendingFlush();
            }
            uploaded = await upload;
        }
        if (outcome == ExchangeOutcome.Completed && uploaded && connection.IsClean) connection.Return();
        else connection.Discard();
        return outcome;
    }

    /// <summary>Reads up to the final response head; what follows it stays in the connection's hands.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> ReadHeadAsync(
        Exchange exchange, UpstreamConnection connection, TimeProvider time)
    {
        connection.Transport.ReceiveHint = HeadReceiveBytes;
        connection.Head.Reset();
        int interim = 0;
        while (true)
        {
            var result = await connection.Input.ReadAsync();
            if (connection.StopReason != ExchangeOutcome.Completed)
            {
                connection.Input.AdvanceTo(result.Buffer.Start);
                return connection.StopReason;
            }
            var buffer = result.Buffer;
            if (exchange.FirstByteTicks == 0 && !buffer.IsEmpty)
            {
                exchange.FirstByteTicks = time.GetTimestamp() - exchange.UpstreamStartTimestamp;
            }
            while (!buffer.IsEmpty)
            {
                var status = UpstreamHeadReader.Read(exchange, connection, in buffer, out var rest);
                if (status == ParseStatus.Incomplete) break;
                if (status == ParseStatus.Invalid || connection.Head.StatusCode == 101)
                {
                    connection.Input.AdvanceTo(buffer.End);
                    return ExchangeOutcome.UpstreamProtocolError;
                }
                if (connection.Head.StatusCode >= 200)
                {
                    connection.Held = rest;
                    return ExchangeOutcome.Completed;
                }
                if (++interim > Limits.InformationalResponses)
                {
                    connection.Input.AdvanceTo(buffer.End);
                    return ExchangeOutcome.UpstreamProtocolError;
                }
                connection.ForgetHead();
                buffer = rest;
            }
            connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return connection.HeadGathered > 0
                    ? ExchangeOutcome.UpstreamProtocolError
                    : ExchangeOutcome.UpstreamClosed;
            }
        }
    }
}
