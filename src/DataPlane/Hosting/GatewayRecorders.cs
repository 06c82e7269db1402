using DataPlane.Admin;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Compatibility;
using DataPlane.Gateway.Recording.Messages;
using DataPlane.Gateway.Recording.Traces;
using DataPlane.Gateway.Upstreams.Names;

namespace DataPlane.Hosting;

/// <summary>
/// Everything that is told of exchanges, and everything the metrics page is made of. One per gateway.
/// </summary>
internal sealed class GatewayRecorders : IDisposable
{
    private readonly MetricsConfig _config;
    private readonly SnapshotStore _snapshots;
    private readonly MetricsRecorder _metrics;
    private readonly CompatibilityRecorder? _compatibility;

    public GatewayRecorders(GatewayConfig config, SnapshotStore snapshots, LoopSet loops, TimeProvider time)
    {
        // Not the whole configuration, whose trees would stay alive.
        _config = config.Metrics;
        _snapshots = snapshots;
        Log = new GatewayLog(config.Log, time, Console.OpenStandardError(), AdminJournal.Changes);
        AccessLog = AccessLog.Create(config.AccessLog, loops.Count, time, Log.CreateLogger("AccessLog"));
        Traces = TraceRecorder.Create(config, loops.Count, time, Log.CreateLogger("Tracing"));
        Errors = new RecentErrors(loops, config.AccessLog, time);
        var settings = MetricsSettings.Of(config.Metrics);
        _metrics = new MetricsRecorder(loops.Count, time, settings, new LiveSeries(snapshots));
        if (config.Metrics.Compatibility.IsEmpty) return;
        _compatibility = new CompatibilityRecorder(
            loops.Count, time, config.Metrics.Compatibility, settings, new LiveSeries(snapshots));
    }

    public GatewayLog Log { get; }

    /// <summary>Null when it is off.</summary>
    public AccessLog? AccessLog { get; }

    /// <summary>Null when nothing is traced.</summary>
    public TraceRecorder? Traces { get; }

    public RecentErrors Errors { get; }

    /// <summary>In the order they are called in.</summary>
    public IExchangeRecorder[] All() =>
    [
        _metrics,
        Errors,
        .. Present<IExchangeRecorder>(_compatibility),
        .. Present<IExchangeRecorder>(AccessLog is null ? null : new AccessLogRecorder(AccessLog)),
        .. Present<IExchangeRecorder>(Traces),
    ];

    /// <summary>In the order of the page; <paramref name="more"/> are what others have to tell.</summary>
    public IMetricSource[] Sources(
        ClientConnections connections, NameTable names, Reloader? reloader, IReadOnlyList<Listener> listeners,
        params ReadOnlySpan<IMetricSource> more) =>
    [
        _metrics,
        new GatewayMetrics(_snapshots, connections, listeners),
        .. more,
        new Http2Metrics(connections.Http2),
        new UpstreamMetrics(_snapshots),
        new TlsMetrics(_snapshots, listeners),
        new ProtectionMetrics(_snapshots),
        new RateLimitMetrics(_snapshots),
        new CacheMetrics(_snapshots),
        new NameMetrics(names),
        new ReloadMetrics(_snapshots, reloader),
        .. Present<IMetricSource>(AccessLog),
        .. Present<IMetricSource>(Traces),
        Log,
        .. Present<IMetricSource>(_compatibility),
        new CompatibleGauges(_config.Compatibility, _snapshots, connections, listeners),
        new ProcessMetrics(typeof(GatewayHost).Assembly.GetName().Version!.ToString(3)),
    ];

    public void Start()
    {
        AccessLog?.Start();
        Traces?.Start();
    }

    public void Dispose()
    {
        AccessLog?.Dispose();
        Traces?.Dispose();
        Log.Dispose();
    }

    private static T[] Present<T>(T? each)
        where T : class => each is null ? [] : [each];
}
