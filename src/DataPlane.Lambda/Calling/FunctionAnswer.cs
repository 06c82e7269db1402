using System.Runtime.CompilerServices;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>Sends a whole answer, or says why it is none, whoever ran the function. Loop thread; 0 bytes.</summary>
internal static class FunctionAnswer
{
    private const int CopiedBodyBytes = 8 * 1024;

    /// <summary><paramref name="requestId"/> is the invocation's, which function URLs tell.</summary>
    public static ValueTask<ExchangeOutcome> SendAsync(
        Exchange exchange, ResponseSink sink, PayloadBuffer answer, bool hasFailed, FunctionRoute route,
        CallScratch scratch, ReadOnlySpan<byte> requestId)
    {
        var format = route.Format;
        if (hasFailed && format != FunctionEventFormat.Raw)
        {
            exchange.Reply = AwsReplies.Failure(format);
            return new(FailureOf(answer.Span));
        }
        int status;
        ByteRange body;
        if (format == FunctionEventFormat.Raw)
        {
            status = hasFailed ? 502 : 200;
            scratch.Fields.Truncate(0);
            scratch.Fields.Append("Content-Type: application/json\r\n"u8);
            if (hasFailed) scratch.Fields.Append("X-Amz-Function-Error: Unhandled\r\n"u8);
            body = new ByteRange(0, answer.Length);
        }
        else if (!AnswerReader.TryRead(scratch, answer, format, Decodes(exchange, route), out status, out body))
        {
            exchange.Reply = AwsReplies.Failure(format);
            return new(ExchangeOutcome.UpstreamProtocolError);
        }
        if (route.IsUrl)
        {
            scratch.Fields.Append("x-amzn-RequestId: "u8);
            scratch.Fields.Append(requestId);
            scratch.Fields.Append("\r\n"u8);
        }
        var draft = exchange.Response;
        draft.StatusCode = status;
        draft.Fields = scratch.Fields.Memory;
        draft.BodyLength = body.Length;
        sink.Start();
        var bytes = answer.Memory.Slice(body.Start, body.Length);
        if (bytes.Length > CopiedBodyBytes) return SendLargeAsync(sink, bytes);
        sink.Append(bytes.Span);
        return new(ExchangeOutcome.Completed);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> SendLargeAsync(ResponseSink sink, ReadOnlyMemory<byte> bytes) =>
        await sink.WriteAsync(bytes) ? ExchangeOutcome.Completed : sink.Failure;

    /// <summary>
    /// Whether base64 leaves as the bytes it stands for: always, but a REST API decodes for a client only whose Accept
    /// begins with one of its binary media types.
    /// </summary>
    private static bool Decodes(Exchange exchange, FunctionRoute route)
    {
        if (route.Format != FunctionEventFormat.Rest) return true;
        if (route.BinaryTypes is not { } types) return false;
        return types.Takes(exchange.Request.TryFind(KnownHeader.Accept, out var field)
            ? field.Value(exchange.HeadBytes)
            : default);
    }

    private static ExchangeOutcome FailureOf(ReadOnlySpan<byte> error)
    {
        if (error.StartsWith("{\"errorType\":\"Sandbox.Timedout\""u8)) return ExchangeOutcome.UpstreamResponseTimeout;
        return error.StartsWith("{\"errorType\":\"Runtime.ExitError\""u8)
            ? ExchangeOutcome.UpstreamClosed
            : ExchangeOutcome.UpstreamProtocolError;
    }
}
