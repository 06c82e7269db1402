using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;

namespace DataPlane.Gateway.Integrations.Mock;

/// <summary>Answers with a reply rendered when the snapshot was compiled. 0 bytes.</summary>
public sealed class MockIntegration(LocalReply reply) : IIntegration, IExplainedTarget
{
    public TargetExplanation Explain(Exchange exchange) =>
        new($"answers {reply.StatusCode} with {reply.Body.Length} bytes");

    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        if (reply.Body.Length > Limits.CoalescedReplyBytes) return SendInPiecesAsync(exchange, sink);
        reply.Send(exchange, sink);
        return new ValueTask<ExchangeOutcome>(ExchangeOutcome.LocalReply);
    }

    // A client that reads slowly must not make the gateway keep a copy of a large body for it.
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> SendInPiecesAsync(Exchange exchange, ResponseSink sink)
    {
        reply.Begin(exchange, sink);
        for (int sent = 0; sent < reply.Body.Length; sent += Limits.CoalescedReplyBytes)
        {
            int length = Math.Min(Limits.CoalescedReplyBytes, reply.Body.Length - sent);
            if (!await sink.WriteAsync(reply.Body.AsMemory(sent, length))) break;
        }
        return ExchangeOutcome.LocalReply;
    }
}
