using System.Buffers;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// Passes a response from the upstream to the sink: head, then body as it comes. What was received with the head goes
/// out with it; a large rest of known length is spliced where both ends allow it; everything else is handed on from the
/// transport's buffer and flushed before each wait, so that events are not delayed. Loop thread; 0 bytes.
/// </summary>
internal static class ResponseRelay
{
    /// <summary>
    /// The usual case: a small response that was received whole. Nothing to wait for, so no state machine.
    /// </summary>
    public static bool TryRun(Exchange exchange, ResponseSink sink, UpstreamConnection connection)
    {
        var head = connection.Head;
        if (head.Framing is not (BodyFraming.None or BodyFraming.Length)) return false;
        long length = head.Framing == BodyFraming.None ? 0 : head.ContentLength;
        if (length > Limits.CoalescedBodyBytes || !connection.TryHeldRun(out var run) || run.Length < length)
            return false;
        Begin(exchange, connection);
        sink.Start();
        if (length > 0) sink.Append(run[..(int)length]);
        connection.IsClean = head.KeepAlive && run.Length == length;
        connection.ReleaseHeld((int)length);
        return true;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<ExchangeOutcome> RunAsync(
        Exchange exchange, ResponseSink sink, UpstreamConnection connection)
    {
        Begin(exchange, connection);
        connection.IsAnswering = true;
        sink.Start();
        connection.Transport.ReceiveHint = 0;
        bool mayHaveTrailers = connection.Head.Framing == BodyFraming.Chunked;
        var body = new UpstreamBody(connection, mayHaveTrailers ? sink.Trailers : null);
        bool buffered = true;
        while (true)
        {
            while (buffered && body.TryTake(connection, out var run))
            {
                var write = sink.WriteAsync(run);
                bool sent = write.IsCompletedSuccessfully ? write.Result : await WaitAsync(connection, write);
                if (!sent) return End(connection, sink.Failure);
            }
            if (body.HasFailed) return End(connection, ExchangeOutcome.UpstreamTruncated);
            if (body.HasEnded)
            {
                connection.IsClean = connection.Head.KeepAlive && connection.Held.IsEmpty;
                return End(connection, ExchangeOutcome.Completed);
            }
            connection.ReleaseHeld();
            if (body.LengthLeft >= Limits.SpliceFromBytes && sink.CanSplice(connection.Transport))
            {
                if (!await FlushAsync(connection, sink)) return sink.Failure;
                connection.Arm(connection.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
                long step = Math.Min(body.LengthLeft, Limits.SpliceStepBytes);
                long moved = await sink.SpliceAsync(connection.Transport, step);
                body.Count(moved);
                // A move that was cut short may have moved something: the reason is told once only.
                if (moved == 0 || connection.StopReason != ExchangeOutcome.Completed) return Broken(connection, sink);
                buffered = false;
                if (body.LengthLeft >= Limits.SpliceFromBytes) continue;
                if (body.HasEnded) continue;
            }
            var read = connection.Input.ReadAsync();
            if (!read.IsCompleted && !await FlushAsync(connection, sink)) return sink.Failure;
            connection.Arm(connection.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
            var result = await read;
            connection.Held = result.Buffer;
            buffered = true;
            if (result.Buffer.IsEmpty && result.IsCompleted)
            {
                if (body.EndsWithConnection && connection.Transport.Peer != PeerState.Gone)
                {
                    return End(connection, ExchangeOutcome.Completed);
                }
                return End(connection, Broken(connection, sink));
            }
            if (result.IsCanceled && connection.StopReason != ExchangeOutcome.Completed)
            {
                return End(connection, connection.StopReason);
            }
        }
    }

    public static void Begin(Exchange exchange, UpstreamConnection connection)
    {
        var head = connection.Head;
        var draft = exchange.Response;
        draft.StatusCode = head.StatusCode;
        draft.Upstream = head;
        draft.UpstreamBytes = connection.HeadBytes;
        draft.BodyLength = LengthOf(head, exchange.Request.Method);
    }

    private static long LengthOf(ResponseHead head, RequestMethod method)
    {
        if (head.HasContentLength) return head.ContentLength;
        // Of what an answer to HEAD or a 304 leaves out, nothing is known; other bodiless answers are empty.
        bool isEmpty = head.Framing == BodyFraming.None && method != RequestMethod.Head && head.StatusCode != 304;
        return isEmpty ? 0 : ResponseDraft.UnknownLength;
    }

    private static ExchangeOutcome End(UpstreamConnection connection, ExchangeOutcome outcome)
    {
        connection.ReleaseHeld();
        return outcome;
    }

    private static ValueTask<bool> FlushAsync(UpstreamConnection connection, ResponseSink sink)
    {
        var flush = sink.FlushAsync();
        return flush.IsCompletedSuccessfully ? flush : WaitAsync(connection, flush);
    }

    /// <summary>The client's turn: the upstream is not idle by its own fault, so its timer stands still.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> WaitAsync(UpstreamConnection connection, ValueTask<bool> write)
    {
        connection.Disarm();
        return await write;
    }

    private static ExchangeOutcome Broken(UpstreamConnection connection, ResponseSink sink)
    {
        if (connection.StopReason != ExchangeOutcome.Completed) return connection.StopReason;
        return sink.Failure != ExchangeOutcome.Completed ? sink.Failure : ExchangeOutcome.UpstreamTruncated;
    }
}
