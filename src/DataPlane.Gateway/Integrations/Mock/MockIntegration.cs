using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Integrations.Mock;

/// <summary>Answers with a reply rendered when the snapshot was compiled. 0 bytes.</summary>
public sealed class MockIntegration(LocalReply reply) : IIntegration
{
    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        reply.Send(exchange, sink);
        return new ValueTask<ExchangeOutcome>(ExchangeOutcome.LocalReply);
    }
}
