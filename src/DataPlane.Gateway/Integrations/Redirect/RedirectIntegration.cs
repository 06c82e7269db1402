using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Integrations.Redirect;

/// <summary>
/// Answers with a redirect whose location may use captures. 0 bytes once the exchange's scratch is warm.
/// </summary>
public sealed class RedirectIntegration(int statusCode, CompiledTemplate location) : IIntegration
{
    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        var input = TemplateInputs.Of(exchange);
        int written;
        while (!TemplateInputs.Fits(written = location.Render(in input, exchange.Scratch))) exchange.GrowScratch();
        var draft = exchange.Response;
        draft.StatusCode = statusCode;
        draft.Location = exchange.Scratch.AsMemory(0, written);
        draft.BodyLength = 0;
        sink.Start();
        return new ValueTask<ExchangeOutcome>(ExchangeOutcome.LocalReply);
    }
}
