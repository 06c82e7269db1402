using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// Makes the event of an exchange, whoever will run the function: reads the body into the invocation's answer, which
/// is not needed before, and writes the event. What the function answers goes there afterwards. Loop thread; 0 bytes.
/// </summary>
internal static class RequestEvent
{
    /// <summary>Where the span stands in a traceparent.</summary>
    private const int SpanAt = 36;

    /// <summary>Completed, and the event is the invocation's; else why the exchange ends here.</summary>
    public static ValueTask<ExchangeOutcome> MakeAsync(
        Exchange exchange, Invocation invocation, FunctionRoute route, CallScratch scratch) =>
        exchange.Body.IsEmpty
            ? new(Make(exchange, invocation, route, scratch))
            : ReadAndMakeAsync(exchange, invocation, route, scratch);

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> ReadAndMakeAsync(
        Exchange exchange, Invocation invocation, FunctionRoute route, CallScratch scratch)
    {
        var read = await ReadBodyAsync(exchange, invocation.Answer, route.Format);
        return read == ExchangeOutcome.Completed ? Make(exchange, invocation, route, scratch) : read;
    }

    private static ExchangeOutcome Make(
        Exchange exchange, Invocation invocation, FunctionRoute route, CallScratch scratch)
    {
        if (exchange.CancelReason != CancelReason.None) return exchange.CancelOutcome;
        return TryWrite(exchange, invocation, route, scratch) ? ExchangeOutcome.Completed : ExchangeOutcome.BadRequest;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> ReadBodyAsync(
        Exchange exchange, PayloadBuffer into, FunctionEventFormat format)
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
                        exchange.Reply = AwsReplies.TooLarge(format);
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

    /// <summary>False, with a reply, when a raw body is no JSON.</summary>
    private static bool TryWrite(Exchange exchange, Invocation invocation, FunctionRoute route, CallScratch scratch)
    {
        var trace = exchange.Trace;
        if (!trace.Id.IsEmpty) invocation.SetTrace(trace.Id, SpanOf(trace), trace.IsSampled);
        var body = invocation.Answer;
        if (route.Format != FunctionEventFormat.Raw)
        {
            EventWriter.Write(scratch, route, exchange, invocation, body.Span);
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

    /// <summary>Without a span of its own an exchange hands on the one it was given or began with.</summary>
    private static ulong SpanOf(ExchangeTrace trace)
    {
        if (trace.SpanId != 0) return trace.SpanId;
        return Utf8Parser.TryParse(trace.Parent.Slice(SpanAt, 16), out ulong span, out _, 'x') ? span : 0;
    }

    private static ExchangeOutcome Fault(Exchange exchange, BodyStatus status) => status switch
    {
        BodyStatus.Malformed => ExchangeOutcome.BadRequestBody,
        BodyStatus.TooLarge => ExchangeOutcome.RequestBodyTooLarge,
        BodyStatus.TooSlow => ExchangeOutcome.RequestBodyTooSlow,
        BodyStatus.Cancelled => exchange.CancelOutcome,
        _ => ExchangeOutcome.ClientAborted,
    };

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
}
