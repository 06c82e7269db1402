using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Recording;

/// <summary>Both recorders over a real exchange.</summary>
public sealed class ExchangeFieldsTests : IDisposable
{
    private readonly LoopSet _loops = new(1, _ => new PortableEngine(), TimeProvider.System);
    private readonly FakeLogOutput _output = new();

    public void Dispose() => _loops.Dispose();

    [Fact]
    public void WholeHead_IsLoggedAsSent()
    {
        using var line = Log(Make("GET /a%20b?secret=1 HTTP/1.1\r\nHost: api.example.com:8080\r\n\r\n"));
        var root = line.RootElement;
        Assert.Equal("GET", root.GetProperty("method").GetString());
        Assert.Equal("/a%20b", root.GetProperty("path").GetString());
        Assert.Equal("api.example.com", root.GetProperty("host").GetString());
        Assert.Equal("192.0.2.7", root.GetProperty("client").GetString());
        Assert.Equal("route_not_found", root.GetProperty("outcome").GetString());
        Assert.Equal("client", root.GetProperty("side").GetString());
        Assert.Equal(404, root.GetProperty("status").GetInt32());
        Assert.Equal(32, root.GetProperty("requestId").GetString()!.Length);
        Assert.Equal(32, root.GetProperty("traceId").GetString()!.Length);
        Assert.False(root.TryGetProperty("route", out _));
        Assert.False(root.TryGetProperty("upstream", out _));
    }

    [Fact]
    public void RefusedHead_IsLoggedWithoutItsParts()
    {
        var exchange = Make("GET /a HTTP/1.1\r\nHost: x\r\nbad name: 1\r\n\r\n");
        using var line = Log(exchange, ExchangeOutcome.BadRequest, 400);
        Assert.False(line.RootElement.TryGetProperty("path", out _));
        Assert.False(line.RootElement.TryGetProperty("method", out _));
        Assert.Equal("bad_request", line.RootElement.GetProperty("outcome").GetString());
    }

    [Fact]
    public void NothingSent_StatusIsTheOutcomes()
    {
        using var line = Log(Make("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"), ExchangeOutcome.ClientAborted, status: 0);
        Assert.Equal(499, line.RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public void AbsoluteFormWithoutPath_IsTheRoot()
    {
        using var line = Log(Make("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.Equal("/", line.RootElement.GetProperty("path").GetString());
    }

    [Fact]
    public void ProxiedExchange_NamesRouteAndEndpoint()
    {
        var exchange = Make("GET /a HTTP/1.1\r\nHost: x\r\nReferer: r\r\n\r\n");
        exchange.Match.Route = MakeRoute("get-user");
        exchange.Endpoint = new UpstreamEndpoint(
            5, "users", "http://127.0.0.1:9001", "127.0.0.1:9001", new EndpointAddress("127.0.0.1", 9001), _loops);
        exchange.Tries = 2;
        var recorder = new MetricsRecorder(1, TimeProvider.System);
        recorder.Record(Record(exchange, ExchangeOutcome.Completed, 200));
        string page = Render(recorder);
        Assert.Contains("{listener=\"public\",route=\"get-user\",method=\"GET\"", page, StringComparison.Ordinal);
        Assert.Contains(
            "{upstream=\"users\",endpoint=\"http://127.0.0.1:9001\",outcome=\"completed\"} 1\n",
            page, StringComparison.Ordinal);
        using var line = Log(exchange, ExchangeOutcome.Completed, 200);
        Assert.Equal("get-user", line.RootElement.GetProperty("route").GetString());
        Assert.Equal("users", line.RootElement.GetProperty("upstream").GetString());
        Assert.Equal("http://127.0.0.1:9001", line.RootElement.GetProperty("endpoint").GetString());
        Assert.Equal(2, line.RootElement.GetProperty("tries").GetInt32());
        Assert.Equal(0, line.RootElement.GetProperty("ownSeconds").GetDouble());
        Assert.False(line.RootElement.TryGetProperty("side", out _));
    }

    [Fact]
    public void RouteOfAnotherName_UnderTheSameIndex_IsLoggedByItsOwn()
    {
        var fragments = new LogFragments(new LogRules(new AccessLogConfig()));
        string[] ids = ["first", "second", "first"];
        Assert.Equal(
            ids.Select(id => $",\"route\":\"{id}\""),
            ids.Select(id => Encoding.UTF8.GetString(fragments.Of(MakeRoute(id)).Json)));
    }

    [Fact]
    public void Metrics_CountTheExchange()
    {
        var recorder = new MetricsRecorder(1, TimeProvider.System);
        recorder.Record(Record(Make("PUT /a HTTP/1.1\r\nHost: x\r\n\r\n"), ExchangeOutcome.RouteNotFound, 404));
        Assert.Contains(
            "{listener=\"public\",route=\"_none\",method=\"PUT\",status_class=\"4xx\"} 1\n",
            Render(recorder), StringComparison.Ordinal);
    }

    [Fact]
    public void Tunnel_IsHandledWithIts101()
    {
        var exchange = Make("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        var settings = new UpgradeSettings
        {
            Protocols = [],
            IdleTimeoutMs = 0,
            LifetimeMs = 0,
            Most = 1,
            Registry = new TunnelRegistry(1),
        };
        exchange.StartTimestamp = 1000;
        exchange.Upgrade = new Upgrade(new UpgradeProtocol("websocket"), settings, settings.Registry.Of("a"))
        {
            StartTimestamp = 1000 + TimeProvider.System.TimestampFrequency / 100,
        };
        var record = Record(exchange, ExchangeOutcome.TunnelIdle, 101) with
        {
            TotalTicks = 3600 * TimeProvider.System.TimestampFrequency,
        };
        var recorder = new MetricsRecorder(1, TimeProvider.System);
        recorder.Record(record);
        string page = Render(recorder);
        Assert.Contains("status_class=\"1xx\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains(
            "request_duration_seconds_bucket{route=\"_none\",le=\"0.025\"} 1\n", page, StringComparison.Ordinal);
    }

    private static string Render(MetricsRecorder recorder)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(recorder).Write(output, PrometheusFormat.Text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static Route MakeRoute(string id) => new()
    {
        Id = id,
        StateIndex = 9,
        CaptureNames = [],
        RequestPolicies = [],
        ResponsePolicies = [],
        Integration = null!,
        RequestBodyBytes = 0,
    };

    private static ExchangeRecord Record(Exchange exchange, ExchangeOutcome outcome, int status) => new()
    {
        Exchange = exchange,
        Outcome = outcome,
        StatusCode = status,
        TotalTicks = 1,
        UpstreamTicks = 0,
        BytesReceived = 2,
        BytesSent = 3,
    };

    private Exchange Make(string head)
    {
        var bytes = Encoding.ASCII.GetBytes(head);
        var exchange = new Exchange(_loops[0])
        {
            Listener = new Listener(0, "public", 8080),
            Client = new ClientAddress(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 5555), isTrusted: false),
        };
        exchange.TakeHead(bytes);
        var status = RequestHeadParser.Parse(bytes, exchange.Request, HeadLimits.Default);
        if (status == ParseStatus.Complete)
        {
            exchange.Resolve(out _, out _);
            exchange.Identify(traceContext: true);
        }
        return exchange;
    }

    private JsonDocument Log(
        Exchange exchange, ExchangeOutcome outcome = ExchangeOutcome.RouteNotFound, int status = 404)
    {
        using (var log = new AccessLog(_output, new AccessLogConfig(), 1, TimeProvider.System))
        {
            log.Record(Record(exchange, outcome, status));
            log.Start();
        }
        return JsonDocument.Parse(_output.Text);
    }
}
