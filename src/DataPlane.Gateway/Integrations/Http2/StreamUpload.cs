using System.Runtime.CompilerServices;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Headers;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Http.Bodies;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Sends a request body as DATA frames while it arrives, as far as the upstream's windows allow, and its trailers
/// behind it. Loop thread; 0 bytes.
/// </summary>
internal static class StreamUpload
{
    /// <summary>
    /// A body that is held, as far as it can be sent at once. False when something is left of it, or follows.
    /// </summary>
    public static bool TryRun(Http2Call call, HeaderRules? rules)
    {
        if (!call.HoldsBody) return false;
        var stream = call.Stream!;
        var trailers = TrailersOf(call, rules);
        var held = call.Held;
        bool endsStream = trailers is null;
        // All or nothing: what is left would have to be remembered.
        if (held.Length > stream.Connection.RoomOf(stream)) return false;
        if (stream.Send(held.Span, endsStream) < held.Length) return false;
        if (trailers is not null) RequestBlocks.SendTrailers(stream, trailers);
        return true;
    }

    /// <summary>
    /// True when the whole body went out; the response's time starts then. False when it did not: a client's fault has
    /// stopped the call with its reason, an upstream that does not want the rest may still answer.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> RunAsync(Http2Call call, HeaderRules? rules)
    {
        var body = call.Body;
        var stream = call.Stream!;
        // An upstream may answer to the head alone.
        stream.Connection.FlushSoon();
        if (!call.Held.IsEmpty && !await SendAsync(call, stream, call.Held)) return false;
        if (!call.HoldsBody)
        {
            var next = call.TakeNext();
            while (true)
            {
                var read = await next;
                if (read.Status == BodyStatus.End) break;
                if (read.Status != BodyStatus.Bytes)
                {
                    if (RequestUpload.FaultOf(read.Status) is var fault and not ExchangeOutcome.Completed)
                        call.Stop(fault);
                    return false;
                }
                bool isSent = await SendAsync(call, stream, read.Bytes);
                body.Advance();
                if (!isSent) return false;
                next = body.ReadAsync();
            }
        }
        if (TrailersOf(call, rules) is { } trailers) RequestBlocks.SendTrailers(stream, trailers);
        else stream.Send([], endsStream: true);
        call.ArmUpload(call.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
        return !stream.IsGone;
    }

    /// <summary>The response is over: what has not been uploaded by now is not wanted any more.</summary>
    public static ValueTask<bool> EndAsync(Http2Call call, ValueTask<bool> upload)
    {
        if (!upload.IsCompleted) call.StopUpload();
        return upload;
    }

    private static TrailerFields? TrailersOf(Http2Call call, HeaderRules? rules)
    {
        if (call.Body.IsEmpty || call.Body.Trailers is not { } trailers) return null;
        rules?.RemoveFrom(trailers);
        return trailers.IsEmpty ? null : trailers;
    }

    private static ValueTask<bool> SendAsync(Http2Call call, UpstreamStream stream, ReadOnlyMemory<byte> bytes)
    {
        int sent = stream.Send(bytes.Span, endsStream: false);
        return sent == bytes.Length ? new ValueTask<bool>(result: true) : WaitAsync(call, stream, bytes[sent..]);
    }

    /// <summary>An upstream that opens no window, or does not read, has as long as one that sends nothing.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> WaitAsync(Http2Call call, UpstreamStream stream, ReadOnlyMemory<byte> rest)
    {
        while (!stream.IsGone && !call.IsUploadUnwanted && call.StopReason == ExchangeOutcome.Completed)
        {
            rest = rest[stream.Send(rest.Span, endsStream: false)..];
            if (rest.IsEmpty)
            {
                call.DisarmUpload();
                return true;
            }
            call.ArmUpload(call.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
            await stream.RoomAsync();
        }
        return false;
    }
}
