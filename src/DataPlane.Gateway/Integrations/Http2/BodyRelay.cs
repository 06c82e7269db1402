using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Passes the response of a stream to the sink as it comes, and flushes before each wait, so that messages are not
/// delayed. What the client does not take is not read, and the stream's window stays shut. Loop thread.
/// </summary>
internal static class BodyRelay
{
    /// <summary>Of the first read; a response that fills it gets <see cref="LargeBytes"/>.</summary>
    private const int FirstBytes = 4 * 1024;
    private const int LargeBytes = 32 * 1024;

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<ExchangeOutcome> RunAsync(
        Exchange exchange, ResponseSink sink, Http2Call call, HttpResponseMessage response, GrpcKind kind)
    {
        var slabs = call.Loop.Slabs;
        byte[] slab = slabs.Rent(FirstBytes);
        try
        {
            var stream = response.Content.ReadAsStream(CancellationToken.None);
            var read = stream.ReadAsync(slab, call.Token);
            // What broke off with its head is better answered by us than not at all.
            if (read.IsFaulted) await read;
            int count = read.IsCompleted ? await read : -1;
            bool hasTrailers = count == 0 && response.TrailingHeaders.NonValidated.Count > 0;
            Begin(exchange, call, isEmpty: count == 0 && !hasTrailers, isTransformed: GrpcWeb.Speaks(kind));
            sink.Start();
            while (true)
            {
                if (count < 0)
                {
                    if (!await FlushAsync(call, sink)) return await AbandonAsync(call, read, sink.Failure);
                    call.Arm(call.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
                    count = await read;
                }
                if (count == 0) return ExchangeOutcome.Completed;
                var write = GrpcWeb.WriteAsync(kind, sink, call.Loop, slab.AsMemory(0, count));
                if (!(write.IsCompletedSuccessfully ? write.Result : await WaitAsync(call, write))) return sink.Failure;
                if (count == slab.Length && count < LargeBytes)
                {
                    slabs.Return(slab);
                    slab = slabs.Rent(LargeBytes);
                }
                read = stream.ReadAsync(slab, call.Token);
                count = read.IsCompleted ? await read : -1;
            }
        }
        finally
        {
            slabs.Return(slab);
        }
    }

    /// <summary>The read that is under way ends before its memory is given back.</summary>
    private static async ValueTask<ExchangeOutcome> AbandonAsync(
        Http2Call call, ValueTask<int> read, ExchangeOutcome outcome)
    {
        call.Abandon();
        try
        {
            await read;
        }
        catch (Exception fault) when (Http2Fault.Of(fault) is not null)
        {
            // As it should.
        }
        return outcome;
    }

    private static void Begin(Exchange exchange, Http2Call call, bool isEmpty, bool isTransformed)
    {
        var head = call.Head;
        var draft = exchange.Response;
        call.IsAnswering = true;
        draft.StatusCode = head.StatusCode;
        draft.Upstream = head;
        draft.UpstreamBytes = call.HeadBytes;
        bool isToHead = exchange.Request.Method == RequestMethod.Head || head.StatusCode == 304;
        draft.BodyLength = isTransformed ? ResponseDraft.UnknownLength
            : head.HasContentLength ? head.ContentLength
            : isEmpty && !isToHead ? 0
            : ResponseDraft.UnknownLength;
    }

    private static ValueTask<bool> FlushAsync(Http2Call call, ResponseSink sink)
    {
        var flush = sink.FlushAsync();
        return flush.IsCompletedSuccessfully ? flush : WaitAsync(call, flush);
    }

    /// <summary>The client's turn: the upstream is not idle by its own fault, so its timer stands still.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> WaitAsync(Http2Call call, ValueTask<bool> write)
    {
        call.Disarm();
        return await write;
    }
}
