using DataPlane.Config;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// The generations of this process: puts them into force, at once or in steps, and remembers what became of them. Any
/// thread; <see cref="Apply"/> one at a time.
/// </summary>
public sealed class Generations : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Generation> _all = [];
    private readonly SnapshotCompiler _compiler;
    private readonly SnapshotStore _store;
    private readonly EndpointCensus _endpoints;
    private readonly int _loops;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<long, GenerationEntry> _waiting = [];
    private StagedRollout? _rollout;
    private ITimer? _timer;
    private long _rollbacks;

    public Generations(
        SnapshotCompiler compiler, SnapshotStore store, int loops, TimeProvider time, ILogger logger)
    {
        _compiler = compiler;
        _store = store;
        _loops = loops;
        _time = time;
        _logger = logger;
        _endpoints = new EndpointCensus(store.Current);
    }

    /// <summary>Newest first, at most <see cref="Limits.Generations"/>.</summary>
    public IReadOnlyList<Generation> All
    {
        get
        {
            lock (_lock)
            {
                if (_rollout is { } rollout) Change(rollout.Candidate.Generation, each => WithCounts(each, rollout));
                return [.. Enumerable.Reverse(_all)];
            }
        }
    }

    /// <summary>Roll-outs that went back.</summary>
    public long Rollbacks => Interlocked.Read(ref _rollbacks);

    /// <summary>
    /// Names what serves, and what is about to: a change of either makes another version.
    /// </summary>
    public string Version
    {
        get
        {
            lock (_lock)
            {
                var current = _all.Find(each => each.State == GenerationState.InForce);
                var candidate = _all.Find(each => each.State == GenerationState.RollingOut);
                string version = current is null ? "0" : $"{current.Number}-{current.Digest}";
                return candidate is null ? version : $"{version}.{candidate.Number}-{candidate.Digest}";
            }
        }
    }

    /// <summary>Records the configuration the process started with.</summary>
    public void Begin(string digest) => Add(_store.Current, digest, ReloadTrigger.Start, GenerationState.InForce);

    /// <summary>
    /// Compiles and puts into force, or begins the roll-out the configuration asks for. <paramref name="entry"/> is
    /// made once the generation serves everyone for good, or left; <paramref name="pace"/> is called for each route.
    /// </summary>
    public Generation Apply(
        GatewayConfig config, Lazy<string> effectiveJson, string digest, ReloadTrigger trigger, GenerationEntry entry,
        Action? pace = null)
    {
        // Outside the lock: this is the long part, and nobody sees it.
        var snapshot = _compiler.Compile(config, effectiveJson, pace);
        if (snapshot.Upstreams.Any(each => each.Members is not null))
        {
            // A name that this generation brings has no address yet: nobody is to be answered 503 for that.
            snapshot.Start();
            _compiler.Names.FirstAnswersAsync(config.Dns.StartTimeout).GetAwaiter().GetResult();
        }
        lock (_lock)
        {
            EndRollout(GenerationState.Superseded, $"generation {snapshot.Generation} came");
            _endpoints.Admit(snapshot);
            if (config.Rollout is { } plan)
            {
                _waiting[snapshot.Generation] = entry;
                Add(snapshot, digest, trigger, GenerationState.RollingOut);
                BeginRollout(plan, snapshot);
            }
            else
            {
                Add(snapshot, digest, trigger, GenerationState.InForce);
                PutIntoForce(snapshot);
                entry.Make();
            }
            return _all[^1];
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private static Generation WithCounts(Generation generation, StagedRollout rollout)
    {
        var (exchanges, failed) = rollout.Counted;
        return generation with { Share = rollout.Share, Exchanges = exchanges, Failed = failed };
    }

    private void Add(GatewaySnapshot snapshot, string digest, ReloadTrigger trigger, GenerationState state)
    {
        if (_all.Count == Limits.Generations)
        {
            // The one in force may be the oldest of all, when everything after it went back.
            _all.RemoveAt(_all[0].State == GenerationState.InForce ? 1 : 0);
        }
        _all.Add(new Generation
        {
            Number = snapshot.Generation,
            Digest = digest,
            Trigger = trigger,
            AppliedAt = _time.GetUtcNow(),
            State = state,
            Share = state == GenerationState.InForce ? 1 : 0,
        });
    }

    private void Change(long number, Func<Generation, Generation> change)
    {
        int index = _all.FindIndex(each => each.Number == number);
        if (index >= 0) _all[index] = change(_all[index]);
    }

    private void PutIntoForce(GatewaySnapshot snapshot)
    {
        long before = _store.Current.Generation;
        _store.Publish(snapshot);
        Change(before, each => each with
        {
            State = GenerationState.Superseded,
            Share = 0,
            Reason = $"generation {snapshot.Generation} came",
        });
        Change(snapshot.Generation, each => each with { State = GenerationState.InForce, Share = 1 });
        _endpoints.Retire(_store);
        ReloadLog.InForce(_logger, snapshot.Generation, snapshot.RouteList.Length);
    }

    private void BeginRollout(RolloutConfig plan, GatewaySnapshot snapshot)
    {
        _rollout = new StagedRollout(plan, snapshot, _store, _loops, _time);
        _timer = _time.CreateTimer(_ => Look(), state: null, _rollout.LookPeriod, _rollout.LookPeriod);
        ReloadLog.RolloutBegins(_logger, snapshot.Generation, _rollout.Share);
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_rollout is not { } rollout) return;
            double share = rollout.Share;
            var end = rollout.Look();
            if (end is null)
            {
                if (rollout.Share > share)
                    ReloadLog.RolloutGoesOn(_logger, rollout.Candidate.Generation, rollout.Share);
                return;
            }
            if (!end.Succeeded)
            {
                EndRollout(GenerationState.RolledBack, end.Reason);
                return;
            }
            Change(rollout.Candidate.Generation, each => WithCounts(each, rollout));
            Forget(rollout);
            PutIntoForce(rollout.Candidate);
            if (_waiting.Remove(rollout.Candidate.Generation, out var entry)) entry.Make();
        }
    }

    private void EndRollout(GenerationState state, string reason)
    {
        if (_rollout is not { } rollout) return;
        long number = rollout.Candidate.Generation;
        Change(number, each => WithCounts(each, rollout) with { State = state, Reason = reason, Share = 0 });
        Forget(rollout);
        if (_waiting.Remove(number, out var entry)) entry.Leave();
        _store.Withdraw();
        _endpoints.Retire(_store);
        if (state != GenerationState.RolledBack) return;
        Interlocked.Increment(ref _rollbacks);
        ReloadLog.RolledBack(_logger, number, reason, _store.Current.Generation);
    }

    private void Forget(StagedRollout rollout)
    {
        _timer?.Dispose();
        _timer = null;
        _rollout = null;
        rollout.Stop();
    }
}
