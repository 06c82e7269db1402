using DataPlane.Config;

namespace DataPlane.Tests.Config.Binding;

/// <summary>Retries, circuit breaker, queue and names: what is bound, and what is said of mistakes.</summary>
public sealed class ResilienceConfigTests
{
    [Fact]
    public void Retries_AreBound()
    {
        var retries = Upstream("retries: { attempts: 3, on: [reset, timeout, 429, 5xx], methods: [GET, POST], "
            + "budget: 12.5%, budgetMinimum: 60/m, backoff: 25ms }").Retries;
        Assert.Equal(3, retries.Attempts);
        Assert.False(retries.OnConnectFailure);
        Assert.True(retries is { OnReset: true, OnTimeout: true });
        Assert.Equal([429, .. Enumerable.Range(500, 100)], retries.OnStatuses.ToArray());
        Assert.Equal(["GET", "POST"], retries.Methods.ToArray());
        Assert.Equal(0.125, retries.Budget);
        Assert.Equal(1, retries.BudgetMinimumPerSecond);
        Assert.Equal(TimeSpan.FromMilliseconds(25), retries.Backoff);
    }

    [Fact]
    public void RetryMistakes_AreAllNamed() => ConfigText.Fails(
        """
        upstreams:
          a:
            endpoints: [ "http://x" ]
            retries: { on: [gateway-error, 302], methods: [BREW], budget: 200%, budgetMinimum: 5, backoff: 2m }
        """,
        "g.yaml:4:21: upstreams.a.retries.on[0]: 'gateway-error' is not known here; write one of: connectFailure, "
            + "reset, timeout, 5xx, or a status from 400 to 599",
        "g.yaml:4:36: upstreams.a.retries.on[1]: '302' is not known here; write one of: connectFailure, reset, "
            + "timeout, 5xx, or a status from 400 to 599",
        "g.yaml:4:52: upstreams.a.retries.methods[0]: 'BREW' is not a method that can be tried again; write one "
            + "of: GET, HEAD, OPTIONS, TRACE, PUT, DELETE, QUERY, POST, PATCH",
        "g.yaml:4:67: upstreams.a.retries.budget: '200%' is not a percentage; write a number from 0% to 100%, such "
            + "as 20%",
        "g.yaml:4:88: upstreams.a.retries.budgetMinimum: '5' is not a rate; write a count per /s, /m or /h, such "
            + "as 100/s",
        "g.yaml:4:100: upstreams.a.retries.backoff: '2m' is out of range; write a value from 0s to 1m");

    [Fact]
    public void CircuitBreaker_IsBound()
    {
        var breaker = Upstream("circuitBreaker: { failures: 30%, window: 5s, minimum: 7, open: 1m, "
            + "fallback: { status: 200, body: { items: [] } } }").CircuitBreaker!;
        Assert.Equal(
            new CircuitBreakerConfig
            {
                Failures = 0.3,
                Window = TimeSpan.FromSeconds(5),
                Minimum = 7,
                Open = TimeSpan.FromMinutes(1),
                FallbackStatus = 200,
                FallbackBody = """{"items":[]}""",
                FallbackContentType = "application/json",
            },
            breaker);
        Assert.Null(Upstream("").CircuitBreaker);
        Assert.Equal(
            "text/plain; charset=utf-8", Upstream("circuitBreaker: { fallback: { body: later } }").CircuitBreaker!
                .FallbackContentType);
    }

    [Fact]
    public void CircuitBreakerMistakes_AreAllNamed() => ConfigText.Fails(
        """
        upstreams:
          a:
            endpoints: [ "http://x" ]
            circuitBreaker: { failures: 0%, window: 1ms, fallback: { status: 204, body: x } }
        """,
        "g.yaml:4:33: upstreams.a.circuitBreaker.failures: is 0%, which is always reached; write more than 0%",
        "g.yaml:4:45: upstreams.a.circuitBreaker.window: '1ms' is out of range; write a value from 100ms to 1h",
        "g.yaml:4:81: upstreams.a.circuitBreaker.fallback.body: a response with status 204 has no body; remove "
            + "the body");

    [Fact]
    public void Queue_IsBound()
    {
        var upstream = Upstream("maxRequests: 9, connections: { max: 3, idle: 3, pending: 0, pendingTimeout: 250ms }");
        Assert.Equal(9, upstream.MaxRequests);
        Assert.Equal(0, upstream.Connections.Pending);
        Assert.Equal(TimeSpan.FromMilliseconds(250), upstream.Connections.PendingTimeout);
    }

    [Fact]
    public void Names_AreBound()
    {
        var config = ConfigText.Config(
            """
            dns: { minimumTtl: 1s, maximumTtl: 1m, timeout: 500ms, startTimeout: 0s, resolvers: [10.0.0.2, "[::1]:54"],
                   family: all }
            upstreams: { a: { endpoints: [ "srv+http://_http._tcp.Users.internal." ] } }
            """);
        Assert.Equal(["10.0.0.2:53", "[::1]:54"], config.Dns.Resolvers.Select(each => each.ToString()).ToArray());
        Assert.Equal(DnsFamily.All, config.Dns.Family);
        var endpoint = config.Upstreams[0].Endpoints[0];
        Assert.True(endpoint.IsService);
        Assert.Equal("_http._tcp.users.internal", endpoint.Host);
    }

    [Fact]
    public void NameMistakes_AreAllNamed() => ConfigText.Fails(
        """
        dns: { minimumTtl: 1m, maximumTtl: 1s, resolvers: [dns.internal] }
        upstreams: { a: { endpoints: [ "srv+http://_http._tcp.users:80", "srv+http://" ] } }
        """,
        "g.yaml:1:20: dns.minimumTtl: minimumTtl is larger than maximumTtl; raise maximumTtl or lower minimumTtl",
        "g.yaml:1:52: dns.resolvers[0]: 'dns.internal' is not an address; write an IP address, with a port if it "
            + "is not 53, such as 10.0.0.2 or [::1]:5353",
        "g.yaml:2:32: upstreams.a.endpoints[0]: 'srv+http://_http._tcp.users:80' names no service; write "
            + "srv+http://_http._tcp.name, without a port",
        "g.yaml:2:66: upstreams.a.endpoints[1]: 'srv+http://' names no service; write srv+http://_http._tcp.name, "
            + "without a port");

    private static UpstreamConfig Upstream(string keys) => ConfigText.Config(
        $$"""
        upstreams: { a: { endpoints: [ "http://x" ], {{keys}} } }
        """).Upstreams[0];
}
