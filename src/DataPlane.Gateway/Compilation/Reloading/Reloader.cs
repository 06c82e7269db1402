using DataPlane.Config;
using DataPlane.Config.Reading;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Changes the configuration of a running gateway: reads, checks, compiles beside the one that serves, and publishes.
/// Whatever is wrong leaves everything as it was and is reported. One change at a time; work happens on the thread
/// pool. Any thread.
/// </summary>
public sealed class Reloader : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConfigSource _source;
    private readonly RestartKeys _restart;
    private readonly LastGood? _lastGood;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private FileWatch? _watch;
    private ReloadReport? _last;
    private long _applied;
    private long _refused;

    /// <summary>
    /// <paramref name="first"/> is what the store was made from, <paramref name="lastGood"/> where good ones are kept.
    /// </summary>
    public Reloader(
        ConfigSource source, ConfigLoad first, Generations generations, LastGood? lastGood, TimeProvider time,
        ILogger logger)
    {
        _source = source;
        _restart = new RestartKeys(first);
        Generations = generations;
        _lastGood = lastGood;
        _time = time;
        _logger = logger;
        generations.Begin(first.Digest);
        LastReload = time.GetUtcNow();
    }

    public Generations Generations { get; }

    /// <summary>The last attempt; null before the first one.</summary>
    public ReloadReport? Last => Volatile.Read(ref _last);

    /// <summary>Null when the process has none that follow.</summary>
    public IProcessSettings? Settings { get; init; }

    /// <summary>What the file that could not be used at the start has against it; empty in the normal case.</summary>
    public IReadOnlyList<ConfigError> StartErrors { get; init; } = [];

    /// <summary>The configuration offered last is the one in force, or on its way there.</summary>
    public bool LastSucceeded
    {
        get
        {
            if (Last is not { } last) return StartErrors.Count == 0;
            return last.Status == ReloadStatus.Applied
                && Generations.All.FirstOrDefault()?.State != GenerationState.RolledBack;
        }
    }

    /// <summary>When a configuration was last accepted.</summary>
    public DateTimeOffset LastReload { get; private set; }

    public long Applied => Interlocked.Read(ref _applied);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>What serves differs from what the file says, because a request changed it.</summary>
    public bool DiffersFromFile =>
        _source.File is not null && Last is { Status: ReloadStatus.Applied, Trigger: ReloadTrigger.Request };

    /// <summary>Follows the files of <paramref name="first"/> from now on.</summary>
    public void Watch(ConfigLoad first)
    {
        if (_source.File is null) return;
        _watch = new FileWatch(first.Files, () => _ = ReloadAsync(ReloadTrigger.FileChange), _time);
    }

    /// <summary>Reads the file again.</summary>
    public Task<ReloadReport> ReloadAsync(ReloadTrigger trigger) => TakeTurnAsync(trigger, pace =>
    {
        var load = _source.Load(pace.Step);
        _watch?.Follow(load.Files);
        return (load, []);
    });

    /// <summary>
    /// Takes a configuration that a request brought, unless <paramref name="isCurrent"/> says no to the version.
    /// </summary>
    public Task<ReloadReport> PutAsync(ReadOnlyMemory<byte> body, Func<string, bool> isCurrent) =>
        TakeTurnAsync(ReloadTrigger.Request, pace =>
        {
            if (!isCurrent(Generations.Version)) return null;
            var load = _source.Read(body, pace.Step);
            return (load, MaskedValues.Find(load.Result));
        });

    /// <summary>Keeps the configuration of the start, once it serves.</summary>
    public void KeepFirst(ConfigLoad first) => _lastGood?.Keep(first.Result.Sources, _logger);

    public void Dispose()
    {
        _watch?.Dispose();
        Generations.Dispose();
    }

    private async Task<ReloadReport> TakeTurnAsync(
        ReloadTrigger trigger, Func<CollectionPace, (ConfigLoad Load, IReadOnlyList<ConfigError> Errors)?> read)
    {
        await _turn.WaitAsync();
        try
        {
            return await Task.Run(() => Change(trigger, read));
        }
        finally
        {
            _turn.Release();
        }
    }

    private ReloadReport Change(
        ReloadTrigger trigger, Func<CollectionPace, (ConfigLoad Load, IReadOnlyList<ConfigError> Errors)?> read)
    {
        long start = _time.GetTimestamp();
        ReloadReport Report(ReloadStatus status, Generation? generation, IReadOnlyList<ConfigError> errors) =>
            new(status, trigger, _time.GetUtcNow(), _time.GetElapsedTime(start), generation, errors);
        ReloadReport report;
        IPreparedSettings? prepared = null;
        try
        {
            using var pace = new CollectionPace();
            if (read(pace) is not { } taken) return Report(ReloadStatus.Stale, generation: null, []);
            var (load, errors) = taken;
            errors = [.. load.Result.Errors, .. errors];
            errors = [.. errors, .. _restart.Check(load, errors)];
            if (errors.Count == 0) prepared = Prepare(load, out errors);
            if (load.Result.Config is not { } config || errors.Count > 0)
            {
                ReloadLog.Refused(_logger, trigger, errors.Count, ReloadLog.Describe(errors));
                report = Report(ReloadStatus.Refused, generation: null, errors);
            }
            else
            {
                var entry = new GenerationEntry(prepared, Keeping(load.Result.Sources));
                var generation = Generations.Apply(
                    config, load.EffectiveJson, load.Digest, trigger, entry, pace.Step);
                report = Report(ReloadStatus.Applied, generation, []);
                // After it serves, so that nobody waits for it; before the next step, so that a large tree can go.
                if (load.Result.HoldsLongSections) _ = load.EffectiveJson.Value;
            }
        }
        catch (Exception defect)
        {
            // Nothing was published: the compiler comes before the store.
            prepared?.Dispose();
            ReloadLog.Defect(_logger, defect);
            var error = new ConfigError(
                _source.File ?? "configuration", 1, 1, "", "the gateway failed to compile it", "see its log");
            report = Report(ReloadStatus.Refused, generation: null, [error]);
        }
        Finish(report);
        return report;
    }

    /// <summary>Null, and no error, when nothing is to be prepared.</summary>
    private IPreparedSettings? Prepare(ConfigLoad load, out IReadOnlyList<ConfigError> errors)
    {
        var found = new ConfigErrors();
        var prepared = Settings?.Prepare(load.Result.Config!, new ConfigPlaces(load.Result), found);
        errors = found.Items;
        return prepared;
    }

    /// <summary>Holds on to the texts only: the tree they were read into is many times as large.</summary>
    private Action Keeping(IReadOnlyList<SourceFile> sources) => () => _lastGood?.Keep(sources, _logger);

    private void Finish(ReloadReport report)
    {
        if (report.Status == ReloadStatus.Applied)
        {
            LastReload = report.At;
            Interlocked.Increment(ref _applied);
        }
        else
        {
            Interlocked.Increment(ref _refused);
        }
        Volatile.Write(ref _last, report);
    }
}
