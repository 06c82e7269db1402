using System.Runtime.CompilerServices;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// Has a function answer an exchange: reads the body, writes the event, waits for an environment's answer and sends it.
/// A client that leaves does not stop a function that has its event, as in Lambda. Immutable; loop threads; 0 bytes but
/// for streamed answers.
/// </summary>
internal sealed class FunctionIntegration(
    HostedFunction function, FunctionHost host, FunctionRoute route, CallScratch[] scratches) : IIntegration
{
    private const int CopiedBodyBytes = 8 * 1024;

    /// <summary>The client is told 202 as soon as the event is on disk.</summary>
    public bool IsQueued { get; init; }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        var invocation = host.Rent(exchange.Loop);
        if (!exchange.Body.IsEmpty)
        {
            // What the function answers goes where its request's body is until the event is written.
            var read = await ReadBodyAsync(exchange, invocation.Answer);
            if (read != ExchangeOutcome.Completed) return Leave(invocation, read);
        }
        if (exchange.CancelReason != CancelReason.None) return Leave(invocation, exchange.CancelOutcome);
        if (!TryWriteEvent(exchange, invocation)) return Leave(invocation, ExchangeOutcome.BadRequest);
        exchange.UpstreamStartTimestamp = exchange.Loop.Time.GetTimestamp();
        exchange.Canceller = invocation;
        if (IsQueued) host.Queue.Add(function, invocation);
        else function.Submit(invocation);
        // Replies to earlier pipelined requests must not wait for the function.
        var earlier = sink.FlushAsync();
        if (!earlier.IsCompletedSuccessfully) await earlier;
        bool hasEnded = await invocation.WaitAsync();
        exchange.Canceller = null;
        if (!hasEnded) return exchange.CancelOutcome;
        exchange.UpstreamEndTimestamp = exchange.Loop.Time.GetTimestamp();
        var outcome = invocation.Status == InvocationStatus.Streaming
            ? await StreamRelay.RunAsync(exchange, sink, invocation.Stream!, Scratch(exchange), route.Format)
            : IsQueued ? Acknowledge(exchange, sink, invocation)
            : await AnswerAsync(exchange, sink, invocation);
        return Leave(invocation, outcome);
    }

    private static ExchangeOutcome Acknowledge(Exchange exchange, ResponseSink sink, Invocation invocation)
    {
        if (invocation.Status == InvocationStatus.Queued)
        {
            AwsReplies.Accepted.Send(exchange, sink);
            return ExchangeOutcome.Completed;
        }
        bool isFull = invocation.Status == InvocationStatus.QueueFull;
        exchange.Reply = isFull ? AwsReplies.QueueFull : AwsReplies.QueueFailed;
        return ExchangeOutcome.UpstreamOverloaded;
    }

    private static ExchangeOutcome Leave(Invocation invocation, ExchangeOutcome outcome)
    {
        invocation.Recycle();
        return outcome;
    }

    private CallScratch Scratch(Exchange exchange) => scratches[exchange.Loop.Index];

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> ReadBodyAsync(Exchange exchange, PayloadBuffer into)
    {
        while (true)
        {
            var read = await exchange.Body.ReadAsync();
            switch (read.Status)
            {
                case BodyStatus.Bytes:
                    bool fits = into.Length + read.Bytes.Length <= LambdaLimits.PayloadBytes;
                    if (fits) into.Append(read.Bytes.Span);
                    exchange.Body.Advance();
                    if (!fits)
                    {
                        exchange.Reply = AwsReplies.TooLarge(route.Format);
                        return ExchangeOutcome.RequestBodyTooLarge;
                    }
                    if (read.IsLast) return ExchangeOutcome.Completed;
                    break;
                case BodyStatus.End:
                    return ExchangeOutcome.Completed;
                default:
                    return Fault(exchange, read.Status);
            }
        }
    }

    private static ExchangeOutcome Fault(Exchange exchange, BodyStatus status) => status switch
    {
        BodyStatus.Malformed => ExchangeOutcome.BadRequestBody,
        BodyStatus.TooLarge => ExchangeOutcome.RequestBodyTooLarge,
        BodyStatus.TooSlow => ExchangeOutcome.RequestBodyTooSlow,
        BodyStatus.Cancelled => exchange.CancelOutcome,
        _ => ExchangeOutcome.ClientAborted,
    };

    /// <summary>False, with a reply, when a raw body is no JSON.</summary>
    private bool TryWriteEvent(Exchange exchange, Invocation invocation)
    {
        var trace = exchange.Trace;
        if (!trace.Id.IsEmpty) invocation.SetTrace(trace.Id, trace.SpanId, trace.IsSampled);
        var body = invocation.Answer;
        if (route.Format != FunctionEventFormat.Raw)
        {
            EventWriter.Write(Scratch(exchange), route, exchange, invocation, body.Span);
        }
        else if (body.Length == 0)
        {
            invocation.Event.Append("{}"u8);
        }
        else if (IsJson(body.Span))
        {
            invocation.Event.Append(body.Span);
        }
        else
        {
            exchange.Reply = AwsReplies.NotJson;
            return false;
        }
        body.Clear();
        return true;
    }

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            if (!reader.Read()) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private ValueTask<ExchangeOutcome> AnswerAsync(Exchange exchange, ResponseSink sink, Invocation invocation)
    {
        switch (invocation.Status)
        {
            case InvocationStatus.ReservedExceeded:
                exchange.Reply = AwsReplies.ReservedExceeded;
                return new(ExchangeOutcome.UpstreamOverloaded);
            case InvocationStatus.QueueFull:
                exchange.Reply = AwsReplies.QueueFull;
                return new(ExchangeOutcome.UpstreamOverloaded);
            case InvocationStatus.FunctionError when route.Format != FunctionEventFormat.Raw:
                exchange.Reply = AwsReplies.Failure(route.Format);
                return new(FailureOf(invocation.Answer.Span));
        }
        var scratch = Scratch(exchange);
        int status = 200;
        Http.ByteRange body;
        if (route.Format == FunctionEventFormat.Raw)
        {
            bool failed = invocation.Status == InvocationStatus.FunctionError;
            status = failed ? 502 : 200;
            scratch.Fields.Truncate(0);
            scratch.Fields.Append("Content-Type: application/json\r\n"u8);
            if (failed) scratch.Fields.Append("X-Amz-Function-Error: Unhandled\r\n"u8);
            body = new Http.ByteRange(0, invocation.Answer.Length);
        }
        else if (!AnswerReader.TryRead(scratch, invocation.Answer, route.Format, out status, out body))
        {
            exchange.Reply = AwsReplies.Failure(route.Format);
            return new(ExchangeOutcome.UpstreamProtocolError);
        }
        var draft = exchange.Response;
        draft.StatusCode = status;
        draft.Fields = scratch.Fields.Memory;
        draft.BodyLength = body.Length;
        sink.Start();
        var bytes = invocation.Answer.Memory.Slice(body.Start, body.Length);
        if (bytes.Length > CopiedBodyBytes) return SendLargeAsync(sink, bytes);
        sink.Append(bytes.Span);
        return new(ExchangeOutcome.Completed);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> SendLargeAsync(ResponseSink sink, ReadOnlyMemory<byte> bytes) =>
        await sink.WriteAsync(bytes) ? ExchangeOutcome.Completed : sink.Failure;

    private static ExchangeOutcome FailureOf(ReadOnlySpan<byte> error)
    {
        if (error.StartsWith("{\"errorType\":\"Sandbox.Timedout\""u8)) return ExchangeOutcome.UpstreamResponseTimeout;
        return error.StartsWith("{\"errorType\":\"Runtime.ExitError\""u8)
            ? ExchangeOutcome.UpstreamClosed
            : ExchangeOutcome.UpstreamProtocolError;
    }
}
