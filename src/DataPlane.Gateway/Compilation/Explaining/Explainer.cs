using System.Net;
using System.Text;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Compilation.Explaining;

/// <summary>
/// Takes a request nobody sent as far as the pipeline goes without its target, by the pipeline's own steps, and says
/// what each of them decides. Nothing is sent, counted or charged. Any thread; cold.
/// </summary>
public static class Explainer
{
    /// <summary><paramref name="loop"/> only tells the time.</summary>
    public static Explanation Explain(
        GatewaySnapshot snapshot, EventLoop loop, Listener listener, ExplainedRequest request)
    {
        byte[]? head = request.ToHead();
        var client = new IPEndPoint(request.Client, 0);
        var exchange = new Exchange(loop)
        {
            Snapshot = snapshot,
            Listener = listener,
            Client = new ClientAddress(client, snapshot.Forwarding.Trusts(client)),
        };
        var refusal = head is null ? RequestFault.BadFieldValue : Parse(head, exchange, snapshot);
        if (refusal != RequestFault.None)
        {
            return Answered(
                request.Method, exchange, RequestFaults.StatusCode(refusal), RequestFaults.Detail(refusal), []);
        }
        exchange.Identify(snapshot.Forwarding.TraceContext);
        var outcome = ExchangeProcessor.Match(exchange, snapshot);
        // A path that was refused has none to compare with.
        bool hasPath = !exchange.CanonicalPath.IsEmpty && exchange.CanonicalPath[0] == '/';
        var routes = hasPath ? RouteReasons.Of(snapshot.Routes, exchange) : [];
        if (outcome != ExchangeOutcome.Completed) return AnsweredBy(outcome, exchange, request.Method, routes, []);
        var policies = new List<PolicyExplanation>();
        foreach (var policy in exchange.Route!.RequestPolicies)
        {
            if (policy is not IExplainedPolicy explained) continue;
            policies.Add(explained.Explain(exchange));
            if (policies[^1].Replies)
                return AnsweredBy(policies[^1].Outcome, exchange, request.Method, routes, policies);
        }
        var target = (exchange.Route.Integration as IExplainedTarget)?.Explain(exchange);
        return Of(request.Method, exchange, routes, policies) with
        {
            Target = exchange.Route.TargetKind,
            TargetDetail = target?.Detail,
            UpstreamRequest = target?.Request,
        };
    }

    private static RequestFault Parse(byte[] head, Exchange exchange, GatewaySnapshot snapshot)
    {
        exchange.TakeHead(head);
        var status = RequestHeadParser.Parse(head, exchange.Request, snapshot.ConnectionLimits.Head);
        return status == ParseStatus.Complete ? RequestFault.None : exchange.Request.Fault;
    }

    private static Explanation AnsweredBy(
        ExchangeOutcome outcome, Exchange exchange, string method, IReadOnlyList<ExplainedRoute> routes,
        IReadOnlyList<PolicyExplanation> policies)
    {
        var entry = ErrorTable.Of(outcome);
        int status = exchange.Reply?.StatusCode ?? entry.StatusCode;
        string reason = outcome == ExchangeOutcome.BadRequest && !exchange.Resolve(out var fault, out _)
            ? PathFaults.Detail(fault)
            : entry.Detail;
        return Answered(method, exchange, status, reason, routes) with { Policies = policies };
    }

    private static Explanation Answered(
        string method, Exchange exchange, int status, string reason, IReadOnlyList<ExplainedRoute> routes) =>
        Of(method, exchange, routes, []) with { Status = status, Reason = reason };

    private static Explanation Of(
        string method, Exchange exchange, IReadOnlyList<ExplainedRoute> routes,
        IReadOnlyList<PolicyExplanation> policies)
    {
        bool isParsed = exchange.Request.Fault == RequestFault.None && exchange.Request.HeadLength > 0;
        return new Explanation(
            method,
            isParsed ? Encoding.ASCII.GetString(exchange.Host) : "",
            exchange.CanonicalPath.IsEmpty ? null : Encoding.ASCII.GetString(exchange.CanonicalPath),
            exchange.Route?.Id, CapturesOf(exchange), routes, policies,
            Target: null, TargetDetail: null, UpstreamRequest: null, Status: null, Reason: null);
    }

    private static Dictionary<string, string> CapturesOf(Exchange exchange)
    {
        var captures = new Dictionary<string, string>(StringComparer.Ordinal);
        if (exchange.Route is not { } route) return captures;
        for (int index = 0; index < route.CaptureNames.Length; index++)
            captures[route.CaptureNames[index]] = Encoding.ASCII.GetString(
                exchange.Match.Captures[index].Of(exchange.CanonicalPath));
        return captures;
    }
}
