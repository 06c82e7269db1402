using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds the whole file: what routes refer to first, then the routes.</summary>
internal static class GatewayBinder
{
    private static readonly ValueShape s_includes =
        ValueShape.Either(ValueShape.String, ValueShape.List(ValueShape.String));

    public static KeyTable Keys { get; } = new(
        new ConfigKey("listeners", ValueShape.List(ValueShape.Section(ListenerBinder.Keys)), "Where clients connect.")
        {
            Default = $$"""
                [{"name":"{{ListenerConfig.StandardName}}","address":"{{ListenerConfig.StandardAddress}}"}]
                """,
        },
        Section("admin", ListenerBinder.AdminKeys, "Where operators connect."),
        Section("invokeApi", InvokeApiBinder.Keys, "Who may call functions by Lambda's API with a signature."),
        Section("limits", LimitsBinder.Keys, "What one client or upstream may ask for."),
        Section("forwarding", ServerBinder.ForwardingKeys, "What upstreams are told about clients."),
        Section("accessLog", AccessLogBinder.Keys, "One line for each exchange."),
        Section("log", LogBinder.Keys, "What the gateway says about itself."),
        Section("tracing", TracingBinder.Keys, "Which exchanges become spans."),
        Section("metrics", MetricsBinder.Keys, "What /metrics shows."),
        new ConfigKey("transport", ServerBinder.TransportShape, "How sockets are served.") { Default = "auto" },
        Section("dns", DnsBinder.Keys, "How names of endpoints are resolved."),
        Section("cache", CacheBinder.Keys, "The memory of all routes' caches."),
        new ConfigKey("upstreams", ValueShape.Map(ValueShape.Section(UpstreamBinder.Keys)), "Services, by name.")
        {
            Default = "{}",
        },
        new ConfigKey("functions", ValueShape.Map(FunctionBinder.Shape), "Functions, by name.")
        {
            Default = "{}",
        },
        Section("queue", QueueBinder.Keys, "Where events wait that were answered 202."),
        new ConfigKey("policies", ValueShape.Map(ValueShape.Policy), "Policies for routes to share, by name.")
        {
            Default = "{}",
        },
        new ConfigKey("routes", ValueShape.List(ValueShape.Section(RouteBinder.Keys)), "Which requests go where.")
        {
            Default = "[]",
        },
        ConfigKey.Later("apis", "remove it: AWS definitions arrive in a later version"),
        new ConfigKey(IncludeReader.Key, s_includes, "Files whose sections are added: a path, a pattern or a list."),
        new ConfigKey("rollout", ValueShape.Section(RolloutBinder.Keys), "How a new generation comes into force."));

    /// <summary>A configuration to use only when no error was added.</summary>
    public static GatewayConfig Bind(
        ConfigNode? root,
        ConfigExtensions extensions,
        ConfigEnvironment environment,
        KeptRoutes? before,
        ConfigErrors errors,
        out KeptRoutes kept)
    {
        var reader = new NodeReader(root, "", Keys, errors);
        var files = new CertificateFiles(environment, errors);
        ImmutableArray<ListenerConfig> listeners = ListenerBinder.Bind(reader, files, errors);
        ImmutableArray<UpstreamConfig> upstreams = UpstreamBinder.Bind(reader, files, errors);
        var names = upstreams.Select(upstream => upstream.Name).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<FunctionConfig> functions = new FunctionBinder(environment, names, errors).Bind(
            reader, new RemoteFunctionBinder(names, errors), out ImmutableArray<RemoteFunctionConfig> remotes);
        var references = new GatewayConfigReferences(
            names,
            functions.Select(each => each.Name).Concat(remotes.Select(each => each.Name))
                .ToHashSet(StringComparer.Ordinal),
            []);
        var policies = new PolicyBinder(extensions, errors);
        var named = policies.BindNamed(reader, references);
        kept = new KeptRoutes(extensions, references, reader.Node("policies"), before);
        var routes = new RouteBinder(policies, new TargetBinder(extensions, errors), references, kept.Texts, errors);
        KeptRoutes? valid = before is not null && before.IsValidFor(kept) ? before : null;
        var bound = routes.Bind(reader, valid, kept, environment.Pace);
        AdminConfig admin = ListenerBinder.BindAdmin(reader.Section("admin"), listeners, files, errors);
        return new GatewayConfig
        {
            Listeners = listeners,
            Admin = admin,
            InvokeApi = InvokeApiBinder.Bind(reader.Section("invokeApi"), listeners, admin, errors),
            Limits = LimitsBinder.Bind(reader.Section("limits")),
            Forwarding = ServerBinder.BindForwarding(reader.Section("forwarding"), errors),
            AccessLog = AccessLogBinder.Bind(reader.Section("accessLog"), bound, errors),
            Log = LogBinder.Bind(reader.Section("log")),
            Tracing = TracingBinder.Bind(reader.Section("tracing"), errors),
            Metrics = MetricsBinder.Bind(reader.Section("metrics"), errors),
            Transport = ServerBinder.BindTransport(reader.Node("transport"), reader.PathOf("transport"), errors),
            Dns = DnsBinder.Bind(reader.Section("dns"), errors),
            Cache = CacheBinder.Bind(reader.Section("cache")),
            Upstreams = [.. upstreams, .. RemoteFunctionBinder.UpstreamsOf(remotes)],
            Functions = functions,
            RemoteFunctions = remotes,
            Queue = QueueBinder.Bind(reader.Section("queue"), environment),
            Policies = named,
            Routes = bound,
            Rollout = RolloutBinder.Bind(reader, errors),
        };
    }

    private static ConfigKey Section(string name, KeyTable keys, string summary) =>
        new(name, ValueShape.Section(keys), summary) { Default = "{}" };
}
