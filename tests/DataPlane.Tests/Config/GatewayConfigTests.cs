using DataPlane.Config;

namespace DataPlane.Tests.Config;

public sealed class GatewayConfigTests
{
    /// <summary>The shared format with the parts of this version.</summary>
    private const string Full = """
        listeners:
          - name: public
            address: 0.0.0.0:8080
            proxyProtocol: off
            protocols: [http1, http2]
          - { name: local, address: "unix:/run/dataplane.sock" }
        admin: { address: 127.0.0.1:8081, token: "${DATAPLANE_ADMIN_TOKEN:-}" }
        limits: { requestHeadBytes: 16KiB, requestHeaderCount: 50, requestBodyBytes: 1MiB, headTimeout: 5s,
                  idleTimeout: 30s, connections: 5000 }
        forwarding: { trustedProxies: [10.0.0.0/8, "::1"], headers: both, via: true, viaName: edge }
        accessLog: { to: "file:/var/log/access.json", format: clf, sample: 0.5 }
        transport: { kind: epoll, loops: 2 }
        upstreams:
          users:
            endpoints: [ { url: "http://127.0.0.1:9001", weight: 3 }, { url: "http+unix:///run/users.sock" },
                         "http://[::1]", "http://Users.Example:81/" ]
            loadBalancing: roundRobin
            connections: { max: 10, idle: 5, idleTimeout: 61s, maxAge: 2h }
            timeouts: { connect: 1s, response: 2s, idle: 3m }
            retries: { attempts: 2, on: [] }
            protocol: http1
          users-canary: { endpoints: [ "http://127.0.0.1:9003" ] }
        routes:
          - id: get-user
            match: { hosts: [Api.Example.com, "*.example.org"], path: "/users/{id}", methods: [GET],
                     headers: { X-Version: "2" }, query: { full: "*" }, priority: 3 }
            headers:
              request: { set: { Host: users.internal, X-User: "{id}" }, add: { X-From: "{client.address}" },
                         remove: [Cookie] }
              response: { set: { X-Id: "{request.id}" } }
            encodedSlash: keep
            requestBodyBytes: 5MiB
            timeout: 20s
            to: { upstream: users, rewrite: "/v2/users/{id}" }
          - match: { path: "/assets/{path+}" }
            to: { split: [ { weight: 95, upstream: users }, { weight: 5, upstream: users-canary } ] }
          - match: { path: /ping, methods: [GET, HEAD], hosts: ["*"], headers: { a: b }, query: { c: d }, priority: 1 }
            to: { mock: { status: 200, body: pong } }
          - match: { path: /old }
            to: { redirect: { location: /new } }
        """;

    [Fact]
    public void FullFile_BindsListenersAndServer()
    {
        GatewayConfig config = ConfigText.Config(Full);
        Assert.Equal(["public 0.0.0.0:8080", "local unix:/run/dataplane.sock"],
            config.Listeners.Select(l => $"{l.Name} {l.Address}").ToArray());
        Assert.Equal(new SourceMark("g.yaml", 2, 5), config.Listeners[0].Mark);
        Assert.Equal(new AdminConfig(), config.Admin);
        Assert.Equal(
            new LimitsConfig
            {
                RequestHeadBytes = 16 << 10,
                RequestHeaderCount = 50,
                RequestBodyBytes = 1 << 20,
                HeadTimeout = TimeSpan.FromSeconds(5),
                IdleTimeout = TimeSpan.FromSeconds(30),
                Connections = 5000,
            },
            config.Limits);
        Assert.Equal("10.0.0.0/8 ::1/128", string.Join(' ', config.Forwarding.TrustedProxies));
        Assert.Equal(
            new ForwardingConfig
            {
                TrustedProxies = config.Forwarding.TrustedProxies,
                Headers = ForwardedHeaders.Both,
                Via = true,
                ViaName = "edge",
            },
            config.Forwarding);
        Assert.Equal(
            new AccessLogConfig
            {
                Target = AccessLogTarget.File,
                Path = "/var/log/access.json",
                Format = AccessLogFormat.Clf,
                Sample = new LogSamplingConfig { Default = 0.5 },
            },
            config.AccessLog);
        Assert.Equal(new TransportConfig { Kind = TransportKind.Epoll, Loops = 2 }, config.Transport);
    }

    [Fact]
    public void FullFile_BindsUpstreams()
    {
        UpstreamConfig users = ConfigText.Config(Full).Upstreams[0];
        Assert.Equal("users", users.Name);
        Assert.Equal(
            ["127.0.0.1 9001  3", "localhost 0 /run/users.sock 1", "::1 80  1", "users.example 81  1"],
            users.Endpoints.Select(e => $"{e.Host} {e.Port} {e.UnixPath} {e.Weight}").ToArray());
        Assert.Equal("http://Users.Example:81/", users.Endpoints[3].Url);
        Assert.Equal(
            new ConnectionPoolConfig
            {
                Max = 10,
                Idle = 5,
                IdleTimeout = TimeSpan.FromSeconds(61),
                MaxAge = TimeSpan.FromHours(2),
            },
            users.Connections);
        Assert.Equal(
            new UpstreamTimeouts
            {
                Connect = TimeSpan.FromSeconds(1),
                Response = TimeSpan.FromSeconds(2),
                Idle = TimeSpan.FromMinutes(3),
            },
            users.Timeouts);
        Assert.Equal(new RetryConfig { Attempts = 2, OnConnectFailure = false }, users.Retries);
    }

    [Fact]
    public void FullFile_BindsRoutes()
    {
        GatewayConfig config = ConfigText.Config(Full);
        RouteConfig route = config.Routes[0];
        Assert.Equal("get-user", route.Id);
        Assert.Equal("api.example.com *.example.org", string.Join(' ', route.Match.Hosts));
        Assert.Equal("GET", Assert.Single(route.Match.Methods));
        Assert.Equal(new FieldCondition("x-version", "2"), Assert.Single(route.Match.Headers));
        Assert.Equal(new FieldCondition("full", null), Assert.Single(route.Match.Query));
        Assert.Equal(3, route.Match.Priority);
        Assert.True(route.EncodedSlash);
        Assert.Equal(5 << 20, route.RequestBodyBytes);
        Assert.Equal(TimeSpan.FromSeconds(20), route.Timeout);
        Assert.Equal("Host=users.internal X-User={id}", Rules(route.RequestHeaders!.Set));
        Assert.Equal("X-From={client.address}", Rules(route.RequestHeaders.Add));
        Assert.Equal("Cookie", Assert.Single(route.RequestHeaders.Remove));
        Assert.Equal("X-Id={request.id}", Rules(route.ResponseHeaders!.Set));
        Assert.Equal(["upstream", "split", "mock", "redirect"], config.Routes.Select(r => r.To.Kind).ToArray());
        Assert.Null(config.Routes[1].RequestHeaders);
        Assert.Null(config.Routes[1].Timeout);

        static string Rules(IEnumerable<HeaderRule> rules) =>
            string.Join(' ', rules.Select(rule => $"{rule.Name}={rule.Value}"));
    }

    [Fact]
    public void RouteWithoutId_GetsOneFromItsMatch()
    {
        GatewayConfig config = ConfigText.Config(Full);
        Assert.Equal("/assets/{path+}", config.Routes[1].Id);
        Assert.Equal("GET,HEAD */ping a=b ?c=d #1", config.Routes[2].Id);
    }

    [Fact]
    public void ConditionFromAVariable_DoesNotShowInTheId()
    {
        GatewayConfig config = ConfigText.Config(
            "routes: [ { match: { path: /, headers: { x-key: \"${SECRET}\" } }, to: { mock: {} } } ]");
        Assert.Equal("/ x-key=***", config.Routes[0].Id);
        Assert.Equal(ConfigText.Secret, config.Routes[0].Match.Headers[0].Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("{}")]
    [InlineData("limits:\nroutes:\nadmin: ~\n")]
    public void EmptyFile_IsAConfigurationOfDefaults(string yaml)
    {
        GatewayConfig config = ConfigText.Config(yaml);
        ListenerConfig listener = Assert.Single(config.Listeners);
        Assert.Equal("public 127.0.0.1:8080", $"{listener.Name} {listener.Address}");
        Assert.Equal("127.0.0.1:8081", config.Admin.Address.ToString());
        Assert.Null(config.Admin.Token);
        Assert.Equal(new LimitsConfig(), config.Limits);
        Assert.Equal(new ForwardingConfig { TrustedProxies = config.Forwarding.TrustedProxies }, config.Forwarding);
        Assert.Equal(new AccessLogConfig(), config.AccessLog);
        Assert.Equal(new TransportConfig(), config.Transport);
        Assert.Empty(config.Routes);
    }

    [Fact]
    public void UpstreamWithoutSettings_HasTheRecordsDefaults()
    {
        UpstreamConfig upstream = ConfigText.Config("upstreams: { u: { endpoints: [ \"http://a\" ] } }").Upstreams[0];
        Assert.Equal(new ConnectionPoolConfig(), upstream.Connections);
        Assert.Equal(new UpstreamTimeouts(), upstream.Timeouts);
        Assert.Equal(new RetryConfig(), upstream.Retries);
        Assert.Equal(1, upstream.Endpoints[0].Weight);
    }

    [Theory]
    [InlineData("auto", TransportKind.Auto)]
    [InlineData("epoll", TransportKind.Epoll)]
    [InlineData("sockets", TransportKind.Sockets)]
    public void TransportWrittenAsOneWord_IsItsKind(string word, TransportKind kind) =>
        Assert.Equal(new TransportConfig { Kind = kind }, ConfigText.Config($"transport: {word}").Transport);

    [Fact]
    public void Json_IsReadLikeYaml()
    {
        GatewayConfig config = ConfigText.Config(
            "{\n\t\"limits\": {\"connections\": 7},\n"
            + "\t\"routes\": [{\"match\":{\"path\":\"\\/a\"},\"to\":{\"mock\":{}}}]\n}");
        Assert.Equal(7, config.Limits.Connections);
        Assert.Equal("/a", config.Routes[0].Id);
    }

    [Theory]
    [InlineData("hosts: [a]", "hosts: [b]")]
    [InlineData("methods: [GET]", "methods: [GET, HEAD]")]
    [InlineData("headers: { a: b }", "headers: { a: \"*\" }")]
    [InlineData("query: { a: b }", "headers: { a: b }")]
    [InlineData("priority: 1", "priority: 2")]
    public void MatchesThatDifferInOneCondition_AreTwoRoutes(string first, string second) => Assert.Equal(
        2, ConfigText.Config($$"""
            routes:
              - match: { path: "/{a}", {{first}} }
                to: { mock: {} }
              - match: { path: "/{a}", {{second}} }
                to: { mock: {} }
            """).Routes.Length);

    [Theory]
    [InlineData("/a", "/a/")]
    [InlineData("/{a}", "/{a+}")]
    [InlineData("/{a}", "/a")]
    public void PathsThatMatchOtherRequests_AreTwoRoutes(string first, string second) => Assert.Equal(
        2, ConfigText.Config($$"""
            routes:
              - { match: { path: "{{first}}" }, to: { mock: {} } }
              - { match: { path: "{{second}}" }, to: { mock: {} } }
            """).Routes.Length);
}
