using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;
using DataPlane.Gateway.Pipeline.Templates;

namespace DataPlane.Gateway.Integrations.Redirect;

/// <summary>
/// Answers with a redirect whose location may use captures. 0 bytes once the exchange's scratch is warm.
/// </summary>
public sealed class RedirectIntegration(int statusCode, CompiledTemplate location) : IIntegration, IExplainedTarget
{
    public TargetExplanation Explain(Exchange exchange)
    {
        int written = Render(exchange);
        string to = Encoding.ASCII.GetString(exchange.Scratch, 0, written);
        return new TargetExplanation($"answers {statusCode} to {to}");
    }

    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        int written = Render(exchange);
        var draft = exchange.Response;
        draft.StatusCode = statusCode;
        draft.Location = exchange.Scratch.AsMemory(0, written);
        draft.BodyLength = 0;
        sink.Start();
        return new ValueTask<ExchangeOutcome>(ExchangeOutcome.LocalReply);
    }

    private int Render(Exchange exchange)
    {
        var input = TemplateInputs.Of(exchange);
        int written;
        while (!TemplateInputs.Fits(written = location.Render(in input, exchange.Scratch))) exchange.GrowScratch();
        return written;
    }
}
