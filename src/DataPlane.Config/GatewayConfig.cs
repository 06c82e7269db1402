using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>
/// Everything an operator wrote, checked and with defaults filled in. Plain values only: names are not resolved to
/// objects here, the snapshot compiler does that. Immutable; any thread.
/// </summary>
public sealed record GatewayConfig
{
    /// <summary>
    /// Without a <c>listeners</c> key: one named <c>public</c> on 127.0.0.1:8080, because a gateway that nobody
    /// configured must not be reachable from other machines.
    /// </summary>
    public ImmutableArray<ListenerConfig> Listeners { get; init; } = [ListenerConfig.Standard];

    public AdminConfig Admin { get; init; } = new();

    public InvokeApiConfig InvokeApi { get; init; } = new();

    public LimitsConfig Limits { get; init; } = new();

    public ForwardingConfig Forwarding { get; init; } = new();

    public AccessLogConfig AccessLog { get; init; } = new();

    public LogConfig Log { get; init; } = new();

    public TracingConfig Tracing { get; init; } = new();

    public MetricsConfig Metrics { get; init; } = new();

    public TransportConfig Transport { get; init; } = new();

    public DnsConfig Dns { get; init; } = new();

    public CacheStoreConfig Cache { get; init; } = new();

    public ImmutableArray<UpstreamConfig> Upstreams { get; init; } = [];

    /// <summary>Those that the gateway runs itself.</summary>
    public ImmutableArray<FunctionConfig> Functions { get; init; } = [];

    /// <summary>Those that it asks somebody else to run.</summary>
    public ImmutableArray<RemoteFunctionConfig> RemoteFunctions { get; init; } = [];

    public QueueConfig Queue { get; init; } = new();

    /// <summary>The named policies; routes hold them already resolved.</summary>
    public ImmutableArray<NamedPolicyConfig> Policies { get; init; } = [];

    /// <summary>In file order. None is valid: every request is answered 404.</summary>
    public ImmutableArray<RouteConfig> Routes { get; init; } = [];

    /// <summary>Null: this configuration serves every connection as soon as it is compiled.</summary>
    public RolloutConfig? Rollout { get; init; }
}
