using System.Net;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Recording;

/// <summary>A real exchange, made from a request's head, and the line a log writes of it.</summary>
internal sealed class LoggedExchange : IDisposable
{
    private readonly LoopSet _loops = new(1, _ => new PortableEngine(), TimeProvider.System);

    public LoggedExchange(string head, string? routeId = null, string[]? captureNames = null)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(head);
        Exchange = new Exchange(_loops[0])
        {
            Listener = new Listener(0, "public", 8080),
            Client = new ClientAddress(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 5555), isTrusted: false),
        };
        Exchange.TakeHead(bytes);
        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(bytes, Exchange.Request, HeadLimits.Default));
        Assert.True(Exchange.Resolve(out _, out _));
        Exchange.Identify(traceContext: true);
        if (routeId is null) return;
        Exchange.Match.Route = new Route
        {
            Id = routeId,
            StateIndex = 0,
            CaptureNames = [.. captureNames ?? []],
            RequestPolicies = [],
            ResponsePolicies = [],
            Integration = null!,
            RequestBodyBytes = 0,
        };
    }

    public Exchange Exchange { get; }

    public void Dispose() => _loops.Dispose();

    public ExchangeRecord Record(int status, ExchangeOutcome outcome = ExchangeOutcome.Completed) => new()
    {
        Exchange = Exchange,
        Outcome = outcome,
        StatusCode = status,
        TotalTicks = 1_500_000,
        UpstreamTicks = 1_000_000,
        BytesReceived = 2,
        BytesSent = 3,
    };

    public string Line(AccessLogConfig config, int status = 200, ExchangeOutcome outcome = ExchangeOutcome.Completed)
    {
        var shard = Shard(config);
        Assert.True(shard.TryAppend(Record(status, outcome), out _));
        shard.Ring.Peek(out var line, out _);
        return Encoding.UTF8.GetString(line);
    }

    /// <summary>Its clock counts microseconds and stands at <see cref="LogLines.Start"/>.</summary>
    public static AccessLogShard Shard(AccessLogConfig config)
    {
        var time = new SetTime(LogLines.Start);
        var rules = new LogRules(config);
        return new AccessLogShard(AccessLog.CreateFormat(config, rules, time), rules, time, seed: 7);
    }
}
