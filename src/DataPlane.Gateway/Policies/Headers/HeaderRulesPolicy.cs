using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;
using DataPlane.Gateway.Pipeline.Headers;

namespace DataPlane.Gateway.Policies.Headers;

/// <summary>Puts a route's header rules on the exchange; the writers of the two heads apply them. 0 bytes.</summary>
public sealed class HeaderRulesPolicy(HeaderRules? request, HeaderRules? response) : IRequestPolicy, IResponsePolicy,
    IExplainedPolicy
{
    public Verdict OnRequest(Exchange exchange)
    {
        exchange.RequestRules = request;
        return Verdict.Continue;
    }

    public PolicyExplanation Explain(Exchange exchange)
    {
        OnRequest(exchange);
        string what = (request, response) switch
        {
            (not null, not null) => "changes header fields of the request and the response",
            (not null, null) => "changes header fields of the request",
            _ => "changes header fields of the response",
        };
        return new PolicyExplanation("headers", exchange.Route?.Id ?? "", PolicyExplanation.Continues, what);
    }

    public void OnResponse(Exchange exchange) => exchange.Response.Rules = response;
}
