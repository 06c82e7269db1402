using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Passes the response of a stream to the sink as it comes, and flushes before each wait, so that messages are not
/// delayed. What the client does not take stays in the stream, whose window stays shut. Loop thread; 0 bytes.
/// </summary>
internal static class BodyRelay
{
    /// <summary>The usual case: a small response that has come whole. Nothing to wait for.</summary>
    public static bool TryRun(Exchange exchange, ResponseSink sink, Http2Call call)
    {
        var stream = call.Stream!;
        bool isSmall = stream.HasEnded && stream.ReceivedLength <= Limits.CoalescedBodyBytes;
        // Trailers go behind chunks.
        if (!isSmall || !stream.TrailerLines.IsEmpty || GrpcWeb.Speaks(call.Kind)) return false;
        Begin(exchange, call);
        sink.Start();
        while (stream.FirstRun is { IsEmpty: false } run)
        {
            sink.Append(run.Span);
            stream.Advance(run.Length);
        }
        return true;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<ExchangeOutcome> RunAsync(Exchange exchange, ResponseSink sink, Http2Call call)
    {
        var stream = call.Stream!;
        // What broke off with its head is better answered by us than not at all.
        if (stream.Failure != ExchangeOutcome.Completed) return stream.Failure;
        if (GrpcWeb.Speaks(call.Kind)) GrpcWebHead.Begin(exchange, call);
        else Begin(exchange, call);
        sink.Start();
        while (true)
        {
            while (stream.FirstRun is { IsEmpty: false } run)
            {
                var write = GrpcWeb.WriteAsync(call.Kind, sink, call.Loop, run);
                bool isSent = write.IsCompletedSuccessfully ? write.Result : await WaitAsync(call, write);
                stream.Advance(run.Length);
                if (!isSent) return sink.Failure;
            }
            if (stream.HasEnded) return ExchangeOutcome.Completed;
            if (call.StopReason != ExchangeOutcome.Completed) return call.StopReason;
            if (stream.Failure != ExchangeOutcome.Completed) return ExchangeOutcome.UpstreamTruncated;
            var flush = sink.FlushAsync();
            if (!(flush.IsCompletedSuccessfully ? flush.Result : await WaitAsync(call, flush))) return sink.Failure;
            // While the client was waited for, more may have come.
            if (HasNews(call, stream)) continue;
            call.Arm(call.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
            await stream.ChangedAsync();
        }
    }

    private static long LengthOf(Exchange exchange, UpstreamStream stream)
    {
        var head = stream.Head;
        if (head.HasContentLength) return head.ContentLength;
        // Of what an answer to HEAD or a 304 leaves out, nothing is known.
        bool isToHead = exchange.Request.Method == RequestMethod.Head || head.StatusCode == 304;
        bool isWhole = stream.HasEnded && stream.TrailerLines.IsEmpty && !isToHead;
        return isWhole ? stream.ReceivedLength : ResponseDraft.UnknownLength;
    }

    private static void Begin(Exchange exchange, Http2Call call)
    {
        var stream = call.Stream!;
        var draft = exchange.Response;
        call.IsAnswering = true;
        draft.StatusCode = stream.Head.StatusCode;
        draft.Upstream = stream.Head;
        draft.UpstreamBytes = stream.HeadBytes;
        draft.BodyLength = LengthOf(exchange, stream);
    }

    private static bool HasNews(Http2Call call, UpstreamStream stream) =>
        stream.ReceivedLength > 0 || stream.HasEnded || stream.Failure != ExchangeOutcome.Completed
        || call.StopReason != ExchangeOutcome.Completed;

    /// <summary>The client's turn: the upstream is not idle by its own fault, so its timer stands still.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> WaitAsync(Http2Call call, ValueTask<bool> write)
    {
        call.Disarm();
        return await write;
    }
}
