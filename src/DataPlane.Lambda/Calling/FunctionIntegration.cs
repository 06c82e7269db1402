using System.Runtime.CompilerServices;
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
    /// <summary>The client is told 202 as soon as the event is on disk.</summary>
    public bool IsQueued { get; init; }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        var invocation = host.Rent(exchange.Loop);
        var made = await RequestEvent.MakeAsync(exchange, invocation, route, Scratch(exchange));
        if (made != ExchangeOutcome.Completed) return Leave(invocation, made);
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
        }
        bool hasFailed = invocation.Status == InvocationStatus.FunctionError;
        return FunctionAnswer.SendAsync(
            exchange, sink, invocation.Answer, hasFailed, route, Scratch(exchange), invocation.Id);
    }
}
