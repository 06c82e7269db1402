using System.Buffers;
using System.Text;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Upstreams.Health;

/// <summary>Active checks against a peer of the test's, on the test's clock.</summary>
public sealed class ActiveCheckTests : IAsyncDisposable
{
    private readonly MemoryGateway _gateway = new();

    public ValueTask DisposeAsync()
    {
        _gateway.TakeLogged();
        return _gateway.DisposeAsync();
    }

    [Fact]
    public async Task FirstAnswer_DecidesAtOnce()
    {
        await using var peer = new PeerService(_gateway.Listen(), PeerService.Response(503));
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz");
        await UntilAsync(() => State == EndpointState.Unhealthy);
        Assert.Equal(1, peer.Requests);
        Assert.Equal("it answered with status 503", Health.Reason);
        Assert.Contains(_gateway.TakeLogged(), line => line.Contains(
            $"Endpoint {peer.Url} ({peer.Url[7..]}) of upstream up is unhealthy: it answered with status 503."));
    }

    [Fact]
    public async Task AfterThat_SoManyInARowDecide()
    {
        await using var peer = new PeerService(_gateway.Listen(), PeerService.Response(200));
        await StartAsync(
            $"endpoints: [ '{peer.Url}' ]",
            "path: /healthz, interval: 1s, unhealthyAfter: 3, healthyAfter: 2, jitter: 0%");
        await UntilAsync(() => State == EndpointState.Healthy);
        peer.Answer = PeerService.Response(500);
        await UntilAsync(() => Health.ChecksWith(CheckResult.UnexpectedStatus) == 2);
        Assert.Equal(EndpointState.Healthy, State);
        await UntilAsync(() => Health.ChecksWith(CheckResult.UnexpectedStatus) == 3);
        Assert.Equal(EndpointState.Unhealthy, State);
        peer.Answer = PeerService.Response(200);
        long good = Health.ChecksWith(CheckResult.Success);
        await UntilAsync(() => Health.ChecksWith(CheckResult.Success) == good + 1);
        Assert.Equal(EndpointState.Unhealthy, State);
        await UntilAsync(() => Health.ChecksWith(CheckResult.Success) == good + 2);
        Assert.Equal(EndpointState.Healthy, State);
        Assert.Equal(1, peer.Connections);
    }

    [Theory]
    [InlineData("expect: { status: [204] }", 204, "", CheckResult.Success)]
    [InlineData("expect: { status: [200-299, 404] }", 404, "", CheckResult.Success)]
    [InlineData("expect: { status: [204] }", 200, "", CheckResult.UnexpectedStatus)]
    [InlineData("expect: { body: fine }", 200, "all is fine here", CheckResult.Success)]
    [InlineData("expect: { body: fine }", 200, "all is lost", CheckResult.UnexpectedBody)]
    [InlineData("expect: { body: fine }", 500, "fine", CheckResult.UnexpectedStatus)]
    public async Task Expectations_AreHeldAgainstTheAnswer(string expect, int status, string body, CheckResult result)
    {
        string answer = status == 204 ? "HTTP/1.1 204 None\r\n\r\n" : PeerService.Response(status, body);
        await using var peer = new PeerService(_gateway.Listen(), answer);
        await StartAsync($"endpoints: [ '{peer.Url}' ]", $"path: /healthz, {expect}");
        await UntilAsync(() => Health.ChecksWith(result) > 0);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfin\r\n1\r\ne\r\n0\r\n\r\n", true)]
    [InlineData("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfine", false)]
    public async Task Answer_IsReadByItsFraming(string answer, bool keepsConnection)
    {
        await using var peer = new PeerService(_gateway.Listen(), answer);
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz, interval: 1s, expect: { body: fine }");
        await UntilAsync(() => Health.ChecksWith(CheckResult.Success) == 3);
        Assert.Equal(keepsConnection ? 1 : 3, peer.Connections);
    }

    [Theory]
    [InlineData("SSH-2.0-server\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    public async Task NoHttp_IsABadAnswer(string answer)
    {
        await using var peer = new PeerService(_gateway.Listen(), answer);
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz");
        await UntilAsync(() => Health.ChecksWith(CheckResult.BadAnswer) > 0);
        Assert.Equal(EndpointState.Unhealthy, State);
    }

    [Fact]
    public async Task NoAnswer_TimesOut()
    {
        await using var peer = new PeerService(_gateway.Listen(), answer: null);
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz, timeout: 2s, interval: 5s");
        await UntilAsync(() => peer.Requests == 1);
        Assert.Equal(EndpointState.Unknown, State);
        await UntilAsync(() => Health.ChecksWith(CheckResult.TimedOut) == 1);
        Assert.InRange(Health.CheckDuration.TotalSeconds, 2, 2.3);
        Assert.Equal("no answer within 2 s", Health.Reason);
        Assert.Equal(EndpointState.Unhealthy, State);
        await UntilAsync(() => peer.Connections == 2);
    }

    [Fact]
    public async Task WithoutPath_AConnectionIsEnough()
    {
        var listener = _gateway.Listen();
        await StartAsync($"endpoints: [ '{listener.Url}' ]", "interval: 1s, unhealthyAfter: 1");
        await UntilAsync(() => State == EndpointState.Healthy);
        await listener.DisposeAsync();
        await UntilAsync(() => State == EndpointState.Unhealthy);
        Assert.Equal("the connect failed: refused", Health.Reason);
    }

    [Fact]
    public async Task Readiness_WaitsForTheFirstAnswerButNotForEver()
    {
        await using var peer = new PeerService(_gateway.Listen(), answer: null);
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz, timeout: 1h");
        var health = _gateway.Snapshot.Upstreams[0].Health;
        await UntilAsync(() => peer.Requests == 1);
        Assert.False(health.IsKnown);
        await _gateway.AdvanceAsync(TimeSpan.FromSeconds(10.1));
        Assert.True(health.IsKnown);
    }

    [Fact]
    public async Task EveryEndpointThatAnswered_IsKnown()
    {
        await using var peer = new PeerService(_gateway.Listen(), PeerService.Response(500));
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz");
        await UntilAsync(() => _gateway.Snapshot.Upstreams[0].Health.IsKnown);
        Assert.Equal(EndpointState.Unhealthy, State);
    }

    [Fact]
    public async Task Stop_EndsTheChecksAndTheirConnections()
    {
        await using var peer = new PeerService(_gateway.Listen(), PeerService.Response(200));
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz, interval: 1s");
        await UntilAsync(() => Health.ChecksWith(CheckResult.Success) == 2);
        _gateway.Snapshot.Stop();
        await _gateway.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, peer.Requests);
    }

    [Fact]
    public async Task Metrics_TellHealthChecksAndEjections()
    {
        await using var peer = new PeerService(_gateway.Listen(), PeerService.Response(500));
        await StartAsync($"endpoints: [ '{peer.Url}' ]", "path: /healthz, interval: 1h", "passive: {}");
        await UntilAsync(() => State == EndpointState.Unhealthy);
        var page = new ArrayBufferWriter<byte>();
        new MetricsPage(new UpstreamMetrics(new SnapshotStore(_gateway.Snapshot))).Write(page, PrometheusFormat.Text);
        string text = Encoding.UTF8.GetString(page.WrittenSpan);
        string labels = $"upstream=\"up\",endpoint=\"{peer.Url}\"";
        Assert.Contains($"\ndataplane_upstream_endpoint_healthy{{{labels}}} 0\n", text);
        Assert.Contains("\ndataplane_upstream_panic{upstream=\"up\"} 1\n", text);
        Assert.Contains(
            $"\ndataplane_upstream_health_checks_total{{{labels},result=\"unexpected_status\"}} 1\n", text);
        Assert.Contains(
            $"\ndataplane_upstream_ejections_total{{{labels},cause=\"consecutive_failures\"}} 0\n", text);
        Assert.Contains($"\ndataplane_upstream_health_check_duration_seconds{{{labels}}} ", text);
    }

    private EndpointState State
    {
        get
        {
            var upstream = _gateway.Snapshot.Upstreams[0];
            return upstream.Health.StateNow(upstream.Endpoints[0]);
        }
    }

    private EndpointHealth Health => _gateway.Snapshot.Upstreams[0].Endpoints[0].Health;

    private Task StartAsync(string endpoints, string active, string passive = "") => _gateway.StartAsync(
        $$"""
        upstreams: { up: { {{endpoints}}, health: { active: { {{active}} }, {{passive}} } } }
        routes: [ { match: { path: /x }, to: { upstream: up } } ]
        """);

    private Task UntilAsync(Func<bool> condition) =>
        _gateway.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), condition, "the check");
}
