using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Headers;

namespace DataPlane.Gateway.Policies.Headers;

/// <summary>Puts a route's header rules on the exchange; the writers of the two heads apply them. 0 bytes.</summary>
public sealed class HeaderRulesPolicy(HeaderRules? request, HeaderRules? response) : IRequestPolicy, IResponsePolicy
{
    public Verdict OnRequest(Exchange exchange)
    {
        exchange.RequestRules = request;
        return Verdict.Continue;
    }

    public void OnResponse(Exchange exchange) => exchange.Response.Rules = response;
}
