using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Recording.Traces;

/// <summary>Spans of a running gateway, as a receiver gets them.</summary>
public sealed class TracingTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Caller = "b7ad6b7169203331";

    [Theory]
    [SocketWire(false)]
    [SocketWire(true)]
    public async Task ProxiedExchange_IsAServerSpanAndAClientSpan(Wire wire, bool isGrpc)
    {
        var before = DateTime.UtcNow;
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc);
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await StartAsync(wire, receiver, upstream.Url, isGrpc ? "grpc" : "httpProtobuf");
        await gateway.AskAsync(
            $"GET /users/7?secret=1 HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: curl/8.0\r\nX-Request-Id: id-1\r\n"
            + $"traceparent: 00-{TraceId}-{Caller}-01\r\ntracestate: v=1\r\n\r\n");
        await Eventually.HoldsAsync(() => receiver.Spans.Count >= 2, "two spans");
        var server = Assert.Single(receiver.Spans, span => span.Kind == ReceivedSpan.Server);
        var client = Assert.Single(receiver.Spans, span => span.Kind == ReceivedSpan.Client);
        Assert.Equal((TraceId, Caller, "v=1"), (server.TraceId, server.ParentSpanId, server.TraceState));
        Assert.Equal((TraceId, server.SpanId), (client.TraceId, client.ParentSpanId));
        var passedOn = Assert.Single(upstream.Requests);
        Assert.Equal($"00-{TraceId}-{client.SpanId}-01", passedOn.Header("traceparent"));
        Assert.Equal("v=1", passedOn.Header("tracestate"));
        Assert.NotEqual(server.SpanId, client.SpanId);
        Assert.InRange(server.Start, before.AddSeconds(-1), server.End);
        Assert.InRange(server.End, server.Start, DateTime.UtcNow.AddSeconds(1));
        Assert.InRange(client.Start, server.Start, client.End);
        Assert.InRange(client.End, client.Start, server.End);
        Assert.Equal(("edge", "GET all", 0), (server.Service, server.Name, server.Status));
        AssertAttributes(
            server,
            "http.request.method=GET", "http.route=all", "http.response.status_code=200", "url.path=/users/7",
            "url.scheme=http", "server.address=api.example.com", "client.address=127.0.0.1",
            "user_agent.original=curl/8.0", "dataplane.request_id=id-1", "dataplane.outcome=completed",
            "network.protocol.version=1.1");
        AssertAttributes(
            client,
            "http.request.method=GET", "http.response.status_code=200", "server.address=127.0.0.1",
            $"server.port={new Uri(upstream.Url).Port}", "dataplane.upstream=up");
        string path = isGrpc ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export" : "/v1/traces";
        Assert.All(receiver.Requests, request => Assert.Matches($"^{path} application/[a-z+-]+ swordfish$", request));
    }

    [Theory]
    [SocketWire]
    public async Task CallerThatDoesNotSample_IsFollowedAndItsContextPassedOn(Wire wire)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await StartAsync(wire, receiver, upstream.Url);
        string unsampled = $"00-{TraceId}-{Caller}-00";
        await gateway.AskAsync($"GET /a HTTP/1.1\r\nHost: x\r\ntraceparent: {unsampled}\r\n\r\n");
        await gateway.AskAsync("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
        await Eventually.HoldsAsync(() => receiver.Spans.Count >= 2, "the spans of the second exchange");
        Assert.DoesNotContain(receiver.Spans, span => span.TraceId == TraceId);
        Assert.Equal(unsampled, upstream.Requests[0].Header("traceparent"));
        var root = Assert.Single(receiver.Spans, span => span.Kind == ReceivedSpan.Server);
        Assert.Equal("", root.ParentSpanId);
    }

    [Theory]
    [SocketWire]
    public async Task LocalReply_IsAServerSpanAlone(Wire wire)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var gateway = await StartAsync(wire, receiver, "http://127.0.0.1:1");
        await gateway.AskAsync("GET /mock HTTP/1.1\r\nHost: x\r\n\r\n");
        await gateway.AskAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await Eventually.HoldsAsync(() => receiver.Spans.Count >= 2, "two spans");
        Assert.All(receiver.Spans, span => Assert.Equal((ReceivedSpan.Server, 0), (span.Kind, span.Status)));
        var missed = Assert.Single(receiver.Spans, span => span.Name == "GET");
        AssertAttributes(missed, "http.response.status_code=404", "dataplane.outcome=route_not_found");
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamThatCannotBeReached_IsAnErrorOfBothSides(Wire wire)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var gateway = TestGateway.Create(wire);
        var upstream = gateway.Listen();
        await upstream.DisposeAsync();
        await StartAsync(gateway, receiver, upstream.Url);
        Assert.Equal(503, (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
        await Eventually.HoldsAsync(() => receiver.Spans.Count >= 2, "two spans");
        var client = Assert.Single(receiver.Spans, span => span.Kind == ReceivedSpan.Client);
        Assert.Equal(2, client.Status);
        AssertAttributes(client, "error.type=upstream_connect_failed", $"server.port={new Uri(upstream.Url).Port}");
        var server = Assert.Single(receiver.Spans, span => span.Kind == ReceivedSpan.Server);
        Assert.Equal(2, server.Status);
        AssertAttributes(server, "http.response.status_code=503", "error.type=upstream_connect_failed");
    }

    [Theory]
    [SocketWire]
    public async Task XRayContext_IsContinuedAndPassedOn(Wire wire)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await StartAsync(
            wire, receiver, upstream.Url, more: "propagation: [w3c, xray], sample: 0,");
        await gateway.AskAsync(
            "GET /a HTTP/1.1\r\nHost: x\r\n"
            + "X-Amzn-Trace-Id: Self=1-1-1;Root=1-5759e988-bd862e3fe1be46a994272793;"
            + "Parent=53995c3f42cd8ad8;Sampled=1\r\n\r\n");
        await Eventually.HoldsAsync(() => receiver.Spans.Count >= 2, "two spans");
        var server = Assert.Single(receiver.Spans, span => span.Kind == ReceivedSpan.Server);
        var client = Assert.Single(receiver.Spans, span => span.Kind == ReceivedSpan.Client);
        Assert.Equal(("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"), (server.TraceId, server.ParentSpanId));
        var passedOn = Assert.Single(upstream.Requests);
        Assert.Equal(
            $"Root=1-5759e988-bd862e3fe1be46a994272793;Parent={client.SpanId};Sampled=1",
            Assert.Single(passedOn.Headers, field => field.Key == "X-Amzn-Trace-Id").Value);
        Assert.Equal($"00-{server.TraceId}-{client.SpanId}-01", passedOn.Header("traceparent"));
    }

    [Theory]
    [SocketWire]
    public async Task ReceiverThatRefuses_CostsSpansAndNoRequest(Wire wire)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.FailsWith = 400;
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await StartAsync(wire, receiver, upstream.Url);
        Assert.Equal(200, (await gateway.AskAsync("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
        await Eventually.HoldsAsync(() => receiver.Requests.Count >= 1, "an export");
        receiver.FailsWith = null;
        Assert.Equal(200, (await gateway.AskAsync("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
        await Eventually.HoldsAsync(() => receiver.Spans.Count >= 2, "the spans of the second exchange");
        Assert.All(
            receiver.Spans.Where(span => span.Kind == ReceivedSpan.Server),
            span => Assert.Equal("/b", span.Attributes["url.path"]));
    }

    private static async Task<TestGateway> StartAsync(
        Wire wire, OtlpReceiver receiver, string upstream, string protocol = "httpProtobuf", string more = "sample: 1,")
    {
        var gateway = TestGateway.Create(wire);
        await StartAsync(gateway, receiver, upstream, protocol, more);
        return gateway;
    }

    private static Task StartAsync(
        TestGateway gateway, OtlpReceiver receiver, string upstream, string protocol = "httpProtobuf",
        string more = "sample: 1,") => gateway.StartAsync(TestGateway.ProxyTo(
            upstream,
            $$"""
            tracing: { {{more}} service: edge, exporter: {
              otlp: "{{receiver.Url}}", protocol: {{protocol}}, headers: { X-Key: swordfish } } }
            """));

    private static void AssertAttributes(ReceivedSpan span, params string[] expected) => Assert.Empty(
        expected.Except(span.Attributes.Select(each => $"{each.Key}={each.Value}"), StringComparer.Ordinal));
}
