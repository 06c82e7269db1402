using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// One exchange taken as far as its response head, by the steps the gateway takes, so that each step can be measured by
/// itself on what the whole exchange works with.
/// </summary>
internal sealed class PreparedExchange
{
    private readonly GatewayRig _rig;
    private readonly byte[] _request;

    public PreparedExchange(GatewayRig rig, byte[] request, byte[] responseHead)
    {
        _rig = rig;
        _request = request;
        ResponseBytes = responseHead;
        Exchange = new Exchange(rig.Loop)
        {
            Snapshot = rig.Snapshot,
            Listener = rig.Listener,
            Client = rig.Address,
        };
        Exchange.TakeHead(request);
        Expect.Same(ParseStatus.Complete, Parse());
        Identify();
        Expect.That(Match(), "the request has a route");
        foreach (var policy in Exchange.Route!.RequestPolicies)
            Expect.Same(Verdict.Continue, policy.OnRequest(Exchange));
        Expect.Same(ParseStatus.Complete, ParseResponse());
        Exchange.Response.StatusCode = Response.StatusCode;
        Exchange.Response.Upstream = Response;
        Exchange.Response.UpstreamBytes = ResponseBytes;
        Exchange.Response.BodyLength = Response.ContentLength;
        foreach (var policy in Exchange.Route!.ResponsePolicies) policy.OnResponse(Exchange);
        Exchange.StartTimestamp = Exchange.UpstreamStartTimestamp = rig.Loop.Time.GetTimestamp();
    }

    public Exchange Exchange { get; }

    public ResponseHead Response { get; } = new();

    public byte[] ResponseBytes { get; }

    public ParseStatus Parse()
    {
        Exchange.Request.Reset();
        return RequestHeadParser.Parse(_request, Exchange.Request, HeadLimits.Default);
    }

    public void Identify() => Exchange.Identify(traceContext: true);

    /// <summary>Canonical path and route.</summary>
    public bool Match()
    {
        if (!Exchange.Resolve(out _, out _)) return false;
        _rig.Snapshot.Routes.Match(
            Exchange.Host, Exchange.CanonicalPath, Exchange.Request, Exchange.HeadBytes, Exchange.Match);
        return Exchange.Route is not null;
    }

    public ParseStatus ParseResponse()
    {
        Response.Reset();
        return ResponseHeadParser.Parse(ResponseBytes, Response, Exchange.Request.Method, HeadLimits.Default);
    }

    public ExchangeRecord Record()
    {
        var ticks = _rig.Loop.Time.GetTimestamp() - Exchange.StartTimestamp;
        return new ExchangeRecord
        {
            Exchange = Exchange,
            Outcome = ExchangeOutcome.Completed,
            StatusCode = Exchange.Response.StatusCode,
            TotalTicks = ticks,
            UpstreamTicks = ticks,
            BytesReceived = Exchange.Request.HeadLength,
            BytesSent = 301,
        };
    }
}
