using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>upstreams</c>.</summary>
internal static class UpstreamBinder
{
    private const int MostWeight = 1000;
    private const int MostPriority = 15;
    private const int MostConnections = 1_000_000;
    private const int MostPending = 1_000_000;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromHours(24);

    private static readonly KeyTable s_endpointKeys = new(
        new ConfigKey(
            "url", ValueShape.String, "http://host:port, http+unix:///path or srv+http://name; https for TLS.")
        {
            Required = true,
        },
        new ConfigKey("weight", ValueShape.Integer(0, MostWeight), "Share relative to the others; 0 drains it.")
        {
            Default = "1",
        },
        new ConfigKey(
            "priority", ValueShape.Integer(0, MostPriority), "Group for failover; the lowest healthy one is used.")
        {
            Default = "0",
        });

    private static readonly KeyTable s_connectionKeys = new(
        new ConfigKey("max", ValueShape.Integer(1, MostConnections), "Open connections per endpoint.")
        {
            Default = "1024",
        },
        new ConfigKey("idle", ValueShape.Integer(0, MostConnections), "Unused connections kept per endpoint.")
        {
            Default = "256",
        },
        Time("idleTimeout", s_least, "60s", "How long an unused connection is kept."),
        Time("maxAge", s_least, "1h", "Age after which a connection is not used again."),
        new ConfigKey(
            "pending", ValueShape.Integer(0, MostPending), "Exchanges of the upstream that may wait for a connection.")
        {
            Default = "1024",
        },
        Time("pendingTimeout", s_least, "3s", "How long one of them waits."));

    private static readonly KeyTable s_timeoutKeys = new(
        Time("connect", s_least, "3s", "Until a connection is open."),
        Time("response", TimeSpan.Zero, "30s", "From the end of the request to the response's head; 0s switches off."),
        Time("idle", TimeSpan.Zero, "5m", "Between two pieces of a response's body; 0s switches off."));


    public static KeyTable Keys { get; } = new(
        new ConfigKey(
            "endpoints", ValueShape.List(ValueShape.Either(ValueShape.String, ValueShape.Section(s_endpointKeys))),
            "Addresses of the service; a plain URL stands for { url: URL }.")
        {
            Required = true,
        },
        new ConfigKey("loadBalancing", LoadBalancingBinder.Shape, "How an endpoint is chosen.")
        {
            Default = "roundRobin",
        },
        new ConfigKey("health", ValueShape.Section(HealthBinder.Keys), "Which endpoints are fit to be chosen.")
        {
            Default = "{}",
        },
        Time("slowStart", TimeSpan.Zero, "0s", "Until an endpoint that came back has its whole share; 0s: at once."),
        new ConfigKey("connections", ValueShape.Section(s_connectionKeys), "Connections per endpoint.")
        {
            Default = "{}",
        },
        new ConfigKey("timeouts", ValueShape.Section(s_timeoutKeys), "How long the service may take.")
        {
            Default = "{}",
        },
        new ConfigKey("retries", ValueShape.Section(RetryBinder.Keys), "When another endpoint is tried.")
        {
            Default = "{}",
        },
        new ConfigKey("protocol", ValueShape.Choice("http1", "http2"), "HTTP version spoken to the service.")
        {
            Default = "http1",
        },
        // Without a default: the effective configuration must load again, and this is an error for http1.
        new ConfigKey("http2", ValueShape.Section(Http2Binder.Keys), "Connections of protocol: http2."),
        new ConfigKey(
            "circuitBreaker", ValueShape.Section(CircuitBreakerBinder.Keys),
            "When a failing service is left alone; none without this section."),
        new ConfigKey(
            "maxRequests", ValueShape.Integer(0, MostPending), "Exchanges under way at once; 0 is unlimited.")
        {
            Default = "0",
        },
        new ConfigKey("proxyProtocol", UpstreamProxyBinder.Shape, "PROXY header each connection begins with.")
        {
            Default = "off",
        },
        new ConfigKey("tls", ValueShape.Section(UpstreamTlsBinder.Keys), "TLS with its https endpoints."));

    public static ImmutableArray<UpstreamConfig> Bind(
        NodeReader root, CertificateFiles files, ConfigErrors errors)
    {
        var upstreams = ImmutableArray.CreateBuilder<UpstreamConfig>();
        foreach (PlacedNode entry in root.Mapping("upstreams"))
        {
            NameRules.Check(entry.Name!, entry.Path, entry.Name!.Value, errors);
            upstreams.Add(BindUpstream(entry, files, errors));
        }
        return upstreams.ToImmutable();
    }

    private static UpstreamConfig BindUpstream(PlacedNode entry, CertificateFiles files, ConfigErrors errors)
    {
        ConfigNode node = entry.Node is ScalarNode { IsNull: true } ? entry.Name! : entry.Node;
        var reader = new NodeReader(entry.Node, entry.Path, Keys, errors);
        NodeReader connections = reader.Section("connections");
        NodeReader timeouts = reader.Section("timeouts");
        var endpoints = BindEndpoints(reader, errors);
        var upstream = new UpstreamConfig
        {
            Name = entry.Name!.Value,
            Endpoints = endpoints,
            LoadBalancing = LoadBalancingBinder.Bind(
                reader.Node("loadBalancing"), reader.PathOf("loadBalancing"), errors),
            Health = HealthBinder.Bind(reader.Section("health"), errors),
            SlowStart = reader.Duration("slowStart"),
            Connections = new ConnectionPoolConfig
            {
                Max = connections.Int("max"),
                Idle = connections.Int("idle"),
                IdleTimeout = connections.Duration("idleTimeout"),
                MaxAge = connections.Duration("maxAge"),
                Pending = connections.Int("pending"),
                PendingTimeout = connections.Duration("pendingTimeout"),
            },
            Timeouts = new UpstreamTimeouts
            {
                Connect = timeouts.Duration("connect"),
                Response = timeouts.Duration("response"),
                Idle = timeouts.Duration("idle"),
            },
            Retries = RetryBinder.Bind(reader.Section("retries"), errors),
            CircuitBreaker = CircuitBreakerBinder.Bind(reader),
            MaxRequests = reader.Int("maxRequests"),
            Protocol = reader.Enum<UpstreamProtocol>("protocol"),
            Http2 = Http2Binder.Bind(reader.Section("http2")),
            Tls = UpstreamTlsBinder.Bind(reader, endpoints, files, errors),
            ProxyProtocol = UpstreamProxyBinder.Bind(
                reader.Node("proxyProtocol"), reader.PathOf("proxyProtocol"), errors),
            Mark = node.Mark,
        };
        // Streams share connections, so how many are kept idle is not asked of HTTP/2; and the default, which the
        // effective configuration writes beside any max, has to load again.
        bool isChosen = upstream.Connections.Idle != new ConnectionPoolConfig().Idle;
        bool isAsked = upstream.Protocol == UpstreamProtocol.Http1 && isChosen;
        if (isAsked && upstream.Connections.Idle > upstream.Connections.Max)
            connections.Error("idle", "is larger than max", $"write at most {upstream.Connections.Max}");
        CheckProtocol(reader, upstream);
        return upstream;
    }

    private static void CheckProtocol(NodeReader reader, UpstreamConfig upstream)
    {
        if (upstream.Protocol == UpstreamProtocol.Http1)
        {
            if (reader.Node("http2") is not null)
                reader.Error("http2", "means nothing with protocol: http1", "write protocol: http2, or remove it");
            if (upstream.Health.Active?.GrpcService is not null)
                reader.Error("health", "asks by gRPC, which needs HTTP/2", "write protocol: http2, or ask for a path");
        }
        else if (upstream.ProxyProtocol is not null)
        {
            reader.Error(
                "proxyProtocol", "needs a connection per client, and HTTP/2 connections are shared",
                "write protocol: http1, or remove it");
        }
    }

    private static ImmutableArray<EndpointConfig> BindEndpoints(NodeReader upstream, ConfigErrors errors)
    {
        var endpoints = ImmutableArray.CreateBuilder<EndpointConfig>();
        bool areAllRead = upstream.Node("endpoints") is SequenceNode;
        foreach (PlacedNode item in upstream.List("endpoints"))
        {
            if (BindEndpoint(item, errors) is not { } endpoint)
            {
                areAllRead = false;
                continue;
            }
            if (endpoints.FirstOrDefault(e => IsSame(e, endpoint)) is { } same)
            {
                errors.Add(
                    item.Node, item.Path, $"the endpoint is already on line {same.Mark.Line}",
                    "keep one, and give it a larger weight");
            }
            endpoints.Add(endpoint);
        }
        if (endpoints.Count > Limits.EndpointsPerUpstream)
            upstream.Error(
                "endpoints", $"has {endpoints.Count} endpoints",
                $"write at most {Limits.EndpointsPerUpstream}, or a name that resolves to several addresses");
        if (areAllRead && endpoints.Count == 0) upstream.Error("endpoints", "the list is empty", "add an endpoint");
        else if (areAllRead && endpoints.All(endpoint => endpoint.Weight == 0))
            upstream.Error("endpoints", "the weights sum to 0", "give at least one endpoint a weight above 0");
        return endpoints.ToImmutable();
    }

    private static bool IsSame(EndpointConfig a, EndpointConfig b) =>
        a.Host == b.Host && a.Port == b.Port && a.UnixPath == b.UnixPath && a.IsService == b.IsService;

    private static EndpointConfig? BindEndpoint(PlacedNode item, ConfigErrors errors)
    {
        ConfigNode? url = item.Node;
        NodePath path = item.Path;
        int weight = 1;
        int priority = 0;
        if (item.Node is not ScalarNode { IsNull: false })
        {
            var reader = new NodeReader(item.Node, item.Path, s_endpointKeys, errors);
            url = reader.Node("url");
            path = reader.PathOf("url");
            weight = reader.Int("weight");
            priority = reader.Int("priority");
        }
        if (url is null || !ScalarReader.TryText(url, path, errors, out string text)) return null;
        if (EndpointUrl.Parse(text, out Problem problem) is { } endpoint)
            return endpoint with { Weight = weight, Priority = priority, Mark = item.Node.Mark };
        errors.Add(url, path, problem);
        return null;
    }

    private static ConfigKey Time(string name, TimeSpan least, string standard, string summary) =>
        new(name, ValueShape.Duration(least, s_most), summary) { Default = standard };
}
