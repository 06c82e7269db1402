using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Headers;
using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Gateway.Policies.Headers;
using DataPlane.Gateway.Routing;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Gateway.Upstreams.Names;
using DataPlane.Http;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Turns a valid configuration into a snapshot: names become objects, texts become bytes, routes become a trie. Cold;
/// one thread at a time. A configuration that validation let through compiles: anything else is a defect and throws.
/// </summary>
public sealed class SnapshotCompiler(
    IReadOnlyList<IIntegrationFactory> integrations,
    IReadOnlyList<IPolicyFactory> policies,
    IUpstreamConnector connector,
    LoopSet loops,
    TimeProvider time)
{
    private readonly StateTable _state = new();
    private readonly Dictionary<string, IIntegrationFactory> _integrations =
        integrations.ToDictionary(each => each.Kind, StringComparer.Ordinal);
    private readonly Dictionary<string, IPolicyFactory> _policies =
        policies.ToDictionary(each => each.Kind, StringComparer.Ordinal);

    // Of the configuration compiled last, by reference: the reader gives the same object again for what is unchanged.
    private Dictionary<RouteConfig, Route> _routes = [];
    private long _generation;

    // Of the route being compiled, kept from one to the next.
    private readonly List<IRequestPolicy> _requestPolicies = [];
    private readonly List<IResponsePolicy> _responsePolicies = [];
    private readonly Stack<Func<IIntegration, IIntegration>> _around = [];

    /// <summary>The names of all generations' endpoints.</summary>
    public NameTable Names { get; } = new(time);

    /// <summary>Makers of what else lives with a generation.</summary>
    public IReadOnlyList<ISnapshotServiceFactory> Services { get; init; } = [];

    /// <summary>The tunnels of all generations' routes.</summary>
    public TunnelRegistry Tunnels { get; } = new(loops.Count);

    /// <summary>Where changes of the upstreams' health are told.</summary>
    public HealthJournal Journal { get; } = new();

    /// <summary>Where the cache tells of its troubles.</summary>
    public CacheJournal CacheJournal { get; } = new();

    /// <summary>The integrations every gateway has.</summary>
    public static IReadOnlyList<IIntegrationFactory> BuiltInIntegrations { get; } =
    [
        new UpstreamTargetFactory(), new SplitTargetFactory(), new RedirectTargetFactory(), new MockTargetFactory(),
    ];

    /// <summary>The policies every gateway has.</summary>
    public static IReadOnlyList<IPolicyFactory> BuiltInPolicies { get; } =
        [new RateLimitPolicyFactory(), new ConcurrencyLimitPolicyFactory(), new CachePolicyFactory()];

    public GatewaySnapshot Compile(GatewayConfig config, string effectiveJson) =>
        Compile(config, new Lazy<string>(effectiveJson));

    /// <summary><paramref name="pace"/> is told of each route.</summary>
    public GatewaySnapshot Compile(GatewayConfig config, Lazy<string> effectiveJson, Action? pace = null)
    {
        var dns = DnsSettings.From(config.Dns);
        var tls = new TlsCompiler(_state);
        var upstreams = config.Upstreams.ToDictionary(
            each => each.Name,
            each => CompileUpstream(each, dns, config.Limits.ResponseHeadBytes),
            StringComparer.Ordinal);
        var context = new CompilationContext(config, upstreams, _state, time)
        {
            LoopCount = loops.Count,
            CacheJournal = CacheJournal,
        };
        ImmutableArray<ISnapshotService> services = [.. Services.Select(each => each.Create(context))];
        var upgrades = new UpgradeCompiler(config.Limits, Tunnels);
        var trie = new RouteTrieBuilder(config.Routes.Length);
        var routes = ImmutableArray.CreateBuilder<Route>(config.Routes.Length);
        var compiled = new Dictionary<RouteConfig, Route>(config.Routes.Length, ReferenceEqualityComparer.Instance);
        foreach (var each in config.Routes)
        {
            var route = _routes.TryGetValue(each, out var before)
                ? CompileAgain(before, each, context, upgrades)
                : CompileRoute(each, context, upgrades);
            trie.Add(route, each.Match, routes.Count);
            routes.Add(route);
            compiled[each] = route;
            pace?.Invoke();
        }
        _routes = compiled;
        _state.EndGeneration();
        return new GatewaySnapshot
        {
            Generation = ++_generation,
            Settings = config with { Routes = [], Upstreams = [], Policies = [] },
            Routes = trie.Build(),
            RouteList = routes.DrainToImmutable(),
            RateLimiters = [.. context.RateLimiters],
            CacheTallies = [.. context.CacheTallies],
            Cache = CacheOf(context),
            ConcurrencyLimiters = [.. context.ConcurrencyLimiters],
            Upstreams = [.. config.Upstreams.Select(each => upstreams[each.Name])],
            Services = services,
            ListenerTls = tls.Listeners(config),
            AdminTls = tls.Admin(config.Admin),
            Forwarding = new ForwardingSettings(config.Forwarding, config.Tracing),
            ConnectionLimits = LimitsOf(config.Limits),
            Admission = AdmissionOf(config.Limits),
            ResponseHead = new HeadLimits(
                config.Limits.ResponseHeadBytes, config.Limits.ResponseHeadBytes, config.Limits.ResponseHeaderCount),
            Json = effectiveJson,
        };
    }

    /// <summary>What belongs to a snapshot is made anew, the rest is shared.</summary>
    private Route CompileAgain(
        Route before, RouteConfig config, CompilationContext context, UpgradeCompiler upgrades)
    {
        // Policies may hold state of any kind.
        if (!config.Policies.IsEmpty) return CompileRoute(config, context, upgrades);
        var integration = _integrations[config.To.Kind].Rebuild(before.Integration, config.To, config, context);
        long bodyBytes = config.RequestBodyBytes ?? context.Config.Limits.RequestBodyBytes;
        int timeoutMs = Milliseconds(config.Timeout ?? context.Config.Limits.ExchangeTimeout);
        var changes = upgrades.Of(config);
        if (before.Upgrades is { } known && changes is not null && known.IsLimitedAs(changes)) changes = known;
        bool isSame = ReferenceEquals(integration, before.Integration)
            && ReferenceEquals(changes, before.Upgrades)
            && bodyBytes == before.RequestBodyBytes
            && timeoutMs == before.TimeoutMs;
        return isSame ? before : before.With(integration, changes, bodyBytes, timeoutMs);
    }

    private Route CompileRoute(RouteConfig config, CompilationContext context, UpgradeCompiler upgrades)
    {
        var captures = CompilationContext.CapturesOf(config);
        _requestPolicies.Clear();
        _responsePolicies.Clear();
        _around.Clear();
        foreach (var reference in config.Policies)
        {
            var built = _policies[reference.Kind].Build(reference, config, context);
            if (built.Request is not null) _requestPolicies.Add(built.Request);
            if (built.Response is not null) _responsePolicies.Add(built.Response);
            // The first that is written is the first to be asked.
            if (built.Around is not null) _around.Push(built.Around);
        }
        var requestRules = HeaderRules.Compile(config.RequestHeaders, captures);
        var responseRules = HeaderRules.Compile(config.ResponseHeaders, captures);
        if (requestRules is not null || responseRules is not null)
        {
            var rules = new HeaderRulesPolicy(requestRules, responseRules);
            if (requestRules is not null) _requestPolicies.Add(rules);
            if (responseRules is not null) _responsePolicies.Add(rules);
        }
        var integration = _integrations[config.To.Kind].Build(config.To, config, context);
        foreach (var put in _around) integration = put(integration);
        return new Route
        {
            Id = config.Id,
            StateIndex = _state.RouteIndex(config.Id),
            CaptureNames = captures,
            RequestPolicies = [.. _requestPolicies],
            ResponsePolicies = [.. _responsePolicies],
            TargetKind = config.To.Kind,
            Integration = integration,
            Upgrades = upgrades.Of(config),
            AllowsEncodedSlash = config.EncodedSlash,
            RequestBodyBytes = config.RequestBodyBytes ?? context.Config.Limits.RequestBodyBytes,
            InFlight = BoundOf(config),
            TimeoutMs = Milliseconds(config.Timeout ?? context.Config.Limits.ExchangeTimeout),
        };
    }

    /// <summary>Null while no route caches.</summary>
    private static ResponseCache? CacheOf(CompilationContext context)
    {
        if (context.CacheTallies.Count == 0) return null;
        var config = context.Config.Cache;
        var cache = context.ResponseCache;
        cache.Store.Resize(config.Memory, config.Entry);
        cache.Store.PackFrom(config.CompressFrom == 0 ? int.MaxValue : (int)config.CompressFrom);
        if (config.CompressFrom > 0 && !cache.Store.CanPack) context.CacheJournal.LacksCompressor();
        return cache;
    }

    private InFlightBound? BoundOf(RouteConfig config)
    {
        int most = config.MaxRequests;
        return most == 0 ? null : _state.Keep($"route {config.Id}", most, () => new InFlightBound(most, loops));
    }

    private Upstream CompileUpstream(UpstreamConfig config, DnsSettings dns, int responseHeadBytes)
    {
        var protection = new UpstreamCompiler(_state, loops, time);
        var tls = new TlsCompiler(_state);
        var endpoints = new EndpointCompiler(_state, protection, tls, loops, isFirst: _generation == 0);
        ConfiguredMember[] members = [.. config.Endpoints.Select(each => endpoints.MemberOf(config, each))];
        var settings = new UpstreamSettings
        {
            MaxConnections = config.Connections.Max,
            MaxIdle = config.Connections.Idle,
            IdleTimeoutMs = Milliseconds(config.Connections.IdleTimeout),
            MaxAgeMs = Milliseconds(config.Connections.MaxAge),
            ConnectTimeoutMs = Milliseconds(config.Timeouts.Connect),
            ResponseTimeoutMs = OffIsForever(config.Timeouts.Response),
            ReadTimeoutMs = OffIsForever(config.Timeouts.Idle),
            MaxPending = config.Connections.Pending,
            PendingTimeoutMs = Milliseconds(config.Connections.PendingTimeout),
            Greeting = config.ProxyProtocol is { } proxy ? new ProxyGreeting(proxy.Version, proxy.UniqueId) : null,
            Health = config.Health,
            SlowStartMs = Milliseconds(config.SlowStart),
            Http2 = Http2Of(config, responseHeadBytes),
        };
        var pickers = new PickerFactory(config.LoadBalancing, config.Name, loops.Count);
        var upstream = new Upstream(
            config.Name, UpstreamMembers.Fixed(members), pickers, settings, connector, WatcherOf(config.Name))
        {
            Journal = Journal,
            Retries = protection.Retries(config),
            Gate = protection.Gate(config),
            Pending = protection.Pending(config),
            Tls = tls.Upstream(config),
        };
        if (members.Any(each => each.Source.Name is not null))
            upstream.Members = new UpstreamMembers(upstream, members, Names, dns);
        return upstream;
    }

    /// <summary>Null for HTTP/1.1.</summary>
    private static Http2Settings? Http2Of(UpstreamConfig config, int responseHeadBytes) =>
        config.Protocol != UpstreamProtocol.Http2 ? null : new Http2Settings
        {
            PingMs = Milliseconds(config.Http2.Ping),
            PingTimeoutMs = Milliseconds(config.Http2.PingTimeout),
            StreamWindowBytes = config.Http2.StreamWindow,
            ResponseHeadBytes = responseHeadBytes,
        };

    /// <summary>The same loop for the same name over all generations: an endpoint's health has one writer.</summary>
    private EventLoop WatcherOf(string upstream) => loops[_state.UpstreamIndex(upstream) % loops.Count];

    private static ConnectionLimits LimitsOf(LimitsConfig config) => new()
    {
        Head = new HeadLimits(config.RequestHeadBytes, config.RequestLineBytes, config.RequestHeaderCount),
        HeadTimeoutMs = Milliseconds(config.HeadTimeout),
        IdleTimeoutMs = Milliseconds(config.IdleTimeout),
        RequestRate = config.BodyMinimumRate,
        ResponseRate = config.ResponseMinimumRate,
        RateGraceMs = Milliseconds(config.BodyRateGrace),
        HalfCloseGraceMs = Milliseconds(config.HalfCloseGrace),
        RequestsPerConnection = config.RequestsPerConnection,
        Http2Glitches = config.Http2.Glitches,
        Http2Streams = config.Http2.Streams,
    };

    private static AdmissionLimits AdmissionOf(LimitsConfig config) => new()
    {
        Connections = config.Connections,
        PerAddress = config.ConnectionsPerAddress,
        AcceptBacklog = config.AcceptBacklog,
        AcceptsPerSecond = config.AcceptRate,
    };

    private static int Milliseconds(TimeSpan span) => (int)Math.Min(int.MaxValue / 2, span.TotalMilliseconds);

    private static int OffIsForever(TimeSpan span) => span == TimeSpan.Zero ? int.MaxValue / 2 : Milliseconds(span);
}
