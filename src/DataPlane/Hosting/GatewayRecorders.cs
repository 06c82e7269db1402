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
/// Everything that is told of exchanges, and everything the metrics page is made of. One per gateway; follows the
/// configuration in force.
/// </summary>
internal sealed class GatewayRecorders : IProcessSettings, IDisposable
{
    private readonly SnapshotStore _snapshots;
    private readonly LoopSet _loops;
    private readonly TimeProvider _time;
    private readonly MetricsRecorder _metrics;
    private readonly AccessLogTotals _logged;
    private readonly TraceTotals _traced;
    private readonly ReplaceableRecorder<AccessLog> _accessLog;
    private readonly ReplaceableRecorder<TraceRecorder> _traces;
    private readonly ReplaceableRecorder<CompatibilityRecorder> _compatibility;
    private RecordingConfig _config;

    public GatewayRecorders(GatewayConfig config, SnapshotStore snapshots, LoopSet loops, TimeProvider time)
    {
        _config = RecordingConfig.Of(config);
        _snapshots = snapshots;
        _loops = loops;
        _time = time;
        _logged = new AccessLogTotals(loops.Count);
        _traced = new TraceTotals(loops.Count);
        Log = new GatewayLog(config.Log, time, Console.OpenStandardError(), AdminJournal.Changes);
        Errors = new RecentErrors(loops, config.AccessLog, time);
        _metrics = new MetricsRecorder(
            loops.Count, time, MetricsSettings.Of(config.Metrics), new LiveSeries(snapshots));
        _accessLog = new ReplaceableRecorder<AccessLog>(loops, OpenLog(_config));
        _traces = new ReplaceableRecorder<TraceRecorder>(loops, OpenTraces(_config));
        _compatibility = new ReplaceableRecorder<CompatibilityRecorder>(loops, Compatible(_config));
    }

    public GatewayLog Log { get; }

    public RecentErrors Errors { get; }

    public IPreparedSettings? Prepare(GatewayConfig config, ConfigPlaces places, ConfigErrors errors)
    {
        var next = RecordingConfig.Of(config);
        var changes = next.ChangesFrom(_config);
        AccessLog? log = null;
        try
        {
            if (changes.AccessLog) log = OpenLog(next);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.Add(
                places.Of("accessLog"), "accessLog.to", $"cannot be opened: {failure.Message}",
                "check the folder and its permissions");
            return null;
        }
        return new PreparedRecording(log, changes.Traces ? OpenTraces(next) : null, (opened, traces) =>
        {
            _config = next;
            Log.Follow(next.Log);
            _metrics.Follow(MetricsSettings.Of(next.Metrics));
            if (changes.AccessLog) Errors.Follow(next.AccessLog);
            if (changes.AccessLog) _accessLog.Put(opened, static each => each.Start(), changes.IsSameLog);
            if (changes.Traces) _traces.Put(traces, static each => each.Start());
            if (changes.Compatibility) _compatibility.Put(Compatible(next), static _ => { });
        });
    }

    /// <summary>The access log's file, after a log rotation moved it away. Any thread.</summary>
    public void Reopen() => _accessLog.Current?.Reopen();

    /// <summary>What is told of every exchange.</summary>
    public RecorderSet All() => new(_metrics, Errors, _compatibility, _accessLog, _traces);

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
        _accessLog,
        _traces,
        Log,
        _compatibility,
        new CompatibleGauges(() => _config.Metrics.Compatibility, _snapshots, connections, listeners),
        new ProcessMetrics(typeof(GatewayHost).Assembly.GetName().Version!.ToString(3)),
    ];

    public void Start()
    {
        _accessLog.Current?.Start();
        _traces.Current?.Start();
    }

    public void Dispose()
    {
        _accessLog.Dispose();
        _traces.Dispose();
        Log.Dispose();
    }

    /// <summary>Null when it is off.</summary>
    private AccessLog? OpenLog(RecordingConfig config) =>
        AccessLog.Create(config.AccessLog, _loops.Count, _time, Log.CreateLogger("AccessLog"), _logged);

    /// <summary>Null when nothing is traced.</summary>
    private TraceRecorder? OpenTraces(RecordingConfig config) => TraceRecorder.Create(
        config.Tracing, config.AccessLog.Redact, _loops.Count, _time, Log.CreateLogger("Tracing"), _traced);

    /// <summary>Null when only our own names are shown.</summary>
    private CompatibilityRecorder? Compatible(RecordingConfig config) => config.Metrics.Compatibility.IsEmpty
        ? null
        : new CompatibilityRecorder(
            _loops.Count, _time, config.Metrics.Compatibility, MetricsSettings.Of(config.Metrics),
            new LiveSeries(_snapshots));
}
