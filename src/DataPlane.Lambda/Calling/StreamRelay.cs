using System.Buffers;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// Passes a streamed answer on as it comes: with a prelude, status and headers are in JSON in front of eight zero
/// bytes; without, the answer is 200 with the function's content type. Caller's loop; allocates.
/// </summary>
internal static class StreamRelay
{
    /// <summary>What says that status and headers come first.</summary>
    public const string PreludeType = "application/vnd.awslambda.http-integration-response";

    private static ReadOnlySpan<byte> PreludeEnd => [0, 0, 0, 0, 0, 0, 0, 0];

    public static async ValueTask<ExchangeOutcome> RunAsync(
        Exchange exchange, ResponseSink sink, AnswerStream stream, CallScratch scratch, FunctionEventFormat format)
    {
        exchange.Canceller = new StreamCanceller(stream);
        try
        {
            bool hasPrelude = stream.ContentType.StartsWith(PreludeType, StringComparison.OrdinalIgnoreCase);
            if (hasPrelude)
            {
                var begun = await TryBeginAsync(exchange, sink, stream, scratch);
                if (begun != ExchangeOutcome.Completed)
                {
                    if (begun == ExchangeOutcome.UpstreamProtocolError) exchange.Reply = AwsReplies.Failure(format);
                    return begun;
                }
            }
            else
            {
                scratch.Fields.Truncate(0);
                scratch.Fields.Append(Encoding.Latin1.GetBytes($"Content-Type: {stream.ContentType}\r\n"));
                Start(exchange, sink, scratch, status: 200);
            }
            return await RelayAsync(exchange, sink, stream);
        }
        finally
        {
            exchange.Canceller = null;
            stream.Abandon();
            exchange.UpstreamEndTimestamp = exchange.Loop.Time.GetTimestamp();
        }
    }

    private static async ValueTask<ExchangeOutcome> TryBeginAsync(
        Exchange exchange, ResponseSink sink, AnswerStream stream, CallScratch scratch)
    {
        while (true)
        {
            var result = await stream.Input.ReadAsync();
            if (exchange.CancelReason != CancelReason.None) return exchange.CancelOutcome;
            var buffer = result.Buffer;
            byte[] bytes = buffer.Slice(0, Math.Min(buffer.Length, LambdaLimits.PreludeBytes)).ToArray();
            int end = bytes.AsSpan().IndexOf(PreludeEnd);
            if (end >= 0)
            {
                stream.Input.AdvanceTo(buffer.GetPosition(end + PreludeEnd.Length));
                if (!AnswerReader.TryReadPrelude(scratch, bytes.AsSpan(0, end), out int status))
                    return ExchangeOutcome.UpstreamProtocolError;
                Start(exchange, sink, scratch, status);
                return ExchangeOutcome.Completed;
            }
            stream.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || bytes.Length == LambdaLimits.PreludeBytes)
                return ExchangeOutcome.UpstreamProtocolError;
        }
    }

    private static void Start(Exchange exchange, ResponseSink sink, CallScratch scratch, int status)
    {
        var draft = exchange.Response;
        draft.StatusCode = status;
        draft.Fields = scratch.Fields.Memory;
        draft.BodyLength = ResponseDraft.UnknownLength;
        sink.Start();
    }

    private static async ValueTask<ExchangeOutcome> RelayAsync(
        Exchange exchange, ResponseSink sink, AnswerStream stream)
    {
        if (!await sink.FlushAsync()) return sink.Failure;
        while (true)
        {
            var result = await stream.Input.ReadAsync();
            if (exchange.CancelReason != CancelReason.None) return exchange.CancelOutcome;
            foreach (var piece in result.Buffer)
            {
                if (!await sink.WriteAsync(piece)) return sink.Failure;
            }
            stream.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return stream.Fault is null ? ExchangeOutcome.Completed : ExchangeOutcome.UpstreamTruncated;
            if (!await sink.FlushAsync()) return sink.Failure;
        }
    }

    private sealed class StreamCanceller(AnswerStream stream) : IExchangeCanceller
    {
        public void Cancel() => stream.Input.CancelPendingRead();
    }
}
