using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// Watches the endpoints of one upstream from one loop: runs its active checks, ejects and takes back, moves slow
/// starts on, and has the upstream's <see cref="EndpointSet"/> made anew whenever one of these changes something. Works
/// from
/// <see cref="Start"/> to <see cref="Stop"/>; the endpoints keep what was found out.
/// </summary>
public sealed class UpstreamHealth : ILoopTimerTarget
{
    private readonly Upstream _upstream;
    private readonly HealthConfig _config;
    private readonly int _slowStartMs;
    private readonly EventLoop _loop;
    private readonly IUpstreamConnector _connector;
    private readonly PassiveHealth? _passive;
    private readonly LoopTimer _timer;
    private readonly HashSet<UpstreamEndpoint> _ejected = [];
    private volatile ImmutableDictionary<UpstreamEndpoint, ActiveCheck> _checks =
        ImmutableDictionary<UpstreamEndpoint, ActiveCheck>.Empty;
    private long _startedMs;
    private long _windowEndMs = long.MaxValue;
    private bool _isRunning;

    internal UpstreamHealth(
        Upstream upstream, HealthConfig config, int slowStartMs, EventLoop loop, IUpstreamConnector connector)
    {
        _upstream = upstream;
        _config = config;
        _slowStartMs = slowStartMs;
        _loop = loop;
        _connector = connector;
        _passive = config.Passive is null ? null : new PassiveHealth(config.Passive);
        _timer = new LoopTimer(this);
    }

    /// <summary>Endpoints are asked.</summary>
    public bool IsActive => _config.Active is not null;

    /// <summary>Endpoints are judged by their exchanges.</summary>
    public bool IsPassive => _passive is not null;

    public double PanicThreshold => _config.PanicThreshold;

    /// <summary>
    /// Every active check has had an answer, or there was time enough for one. True without active checks. Any thread.
    /// </summary>
    public bool IsKnown
    {
        get
        {
            if (_config.Active is null) return true;
            long nowMs = _loop.ClockMs;
            long startedMs = Volatile.Read(ref _startedMs);
            return (startedMs != 0 && nowMs - startedMs > Limits.HealthKnownMs)
                || _upstream.CurrentMembers.All(each => StateOf(each.Endpoint, nowMs) != EndpointState.Unknown);
        }
    }

    /// <summary>Begins to watch. Any thread; takes effect on the loop.</summary>
    public void Start() => _loop.Post(static state => ((UpstreamHealth)state!).OnStart(), this);

    /// <summary>Ends all checks and timers. Any thread; takes effect on the loop.</summary>
    public void Stop() => _loop.Post(static state => ((UpstreamHealth)state!).OnStop(), this);

    /// <summary>The upstream's members are others now. Any thread.</summary>
    public void OnMembersChanged() => _loop.Post(static state => ((UpstreamHealth)state!).Follow(), this);

    /// <summary>
    /// Tells how an endpoint handled an exchange: its status, or 0 when it gave none. The loop of the exchange; 0 bytes
    /// unless an endpoint has failed too often.
    /// </summary>
    public void Observe(UpstreamEndpoint endpoint, EventLoop loop, ExchangeOutcome outcome, int status)
    {
        if (_passive is null || !_passive.Observe(endpoint, loop, outcome, status)) return;
        _loop.Post(static state => ((Ejection)state!).Carry(), new Ejection(this, endpoint));
    }

    /// <summary>
    /// What health leaves of the endpoint's weight, in percent: 0 when it is not to be used. Any thread.
    /// </summary>
    public int Availability(UpstreamEndpoint endpoint, long nowMs) =>
        StateOf(endpoint, nowMs) is EndpointState.Ejected or EndpointState.Unhealthy
            ? 0
            : endpoint.Health.SlowStartPercent(nowMs, _slowStartMs);

    /// <summary>Any thread.</summary>
    public EndpointState StateOf(UpstreamEndpoint endpoint, long nowMs)
    {
        if (_passive is not null && endpoint.Health.IsEjected(nowMs)) return EndpointState.Ejected;
        if (_config.Active is null) return EndpointState.Healthy;
        return _checks.TryGetValue(endpoint, out var check) ? check.Verdict : endpoint.Health.Checked;
    }

    /// <summary>As far as this upstream's checks and ejections tell. Any thread.</summary>
    public EndpointState StateNow(UpstreamEndpoint endpoint) => StateOf(endpoint, _loop.ClockMs);

    /// <summary>Neither ejected nor unhealthy. Any thread.</summary>
    public bool IsFit(UpstreamEndpoint endpoint) =>
        StateNow(endpoint) is EndpointState.Healthy or EndpointState.Unknown;

    /// <summary>Milliseconds until its ejection ends. Any thread.</summary>
    public long EjectedForMs(UpstreamEndpoint endpoint) =>
        Math.Max(0, endpoint.Health.EjectedUntilMs - _loop.ClockMs);

    /// <summary>A check has come to another verdict than <paramref name="before"/>. Loop thread.</summary>
    internal void OnVerdict(UpstreamEndpoint endpoint, EndpointState before, string reason)
    {
        // What is said in the log is so: nobody is sent to an endpoint after it was called unhealthy.
        _upstream.Refresh();
        Schedule();
        // That an endpoint answers its first check is no news.
        if (_upstream.Journal is { } journal && StateOf(endpoint, _loop.NowMs) == EndpointState.Unhealthy)
            HealthLog.Unhealthy(journal.Logger, endpoint.Url, endpoint.Address, _upstream.Name, reason);
        else if (before == EndpointState.Unhealthy)
            TellBack(endpoint, reason);
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        long nowMs = _loop.NowMs;
        foreach (var endpoint in _ejected.Where(each => !each.Health.IsEjected(nowMs)).ToArray())
        {
            _ejected.Remove(endpoint);
            endpoint.Health.Return(nowMs);
            TellBack(endpoint, endpoint.Health.Reason);
        }
        if (nowMs >= _windowEndMs) EndWindow(nowMs);
        _upstream.Refresh();
        Schedule();
    }

    private void OnStart()
    {
        if (_isRunning) return;
        _isRunning = true;
        Volatile.Write(ref _startedMs, Math.Max(1, _loop.NowMs));
        if (_passive is { HasWindow: true })
        {
            _windowEndMs = _loop.NowMs + _passive.WindowMs;
            _passive.BeginWindow(_upstream.CurrentMembers);
        }
        Follow();
    }

    private void OnStop()
    {
        _isRunning = false;
        _loop.Timers.Cancel(_timer);
        foreach (var check in _checks.Values) check.Stop();
        _checks = ImmutableDictionary<UpstreamEndpoint, ActiveCheck>.Empty;
    }

    /// <summary>Checks for every member, and for nobody else.</summary>
    private void Follow()
    {
        if (!_isRunning) return;
        var members = _upstream.CurrentMembers.Select(each => each.Endpoint).ToHashSet();
        var checks = _checks;
        foreach (var check in checks.Values.Where(each => !members.Contains(each.Endpoint)))
        {
            check.Stop();
            checks = checks.Remove(check.Endpoint);
        }
        var added = new List<ActiveCheck>();
        if (_config.Active is { } active)
        {
            added.AddRange(members.Where(each => !checks.ContainsKey(each))
                .Select(each => new ActiveCheck(each, active, _loop, ProbeOf(each, active), this)));
        }
        _checks = checks.AddRange(added.Select(each => KeyValuePair.Create(each.Endpoint, each)));
        foreach (var check in added) check.Start();
        _ejected.RemoveWhere(each => !members.Contains(each));
        _ejected.UnionWith(members.Where(each => each.Health.IsEjected(_loop.NowMs)));
        Schedule();
    }

    private void EndWindow(long nowMs)
    {
        var members = _upstream.CurrentMembers;
        foreach (var member in members)
        {
            if (!_passive!.IsOverRatio(member.Endpoint, out long failures, out long requests)) continue;
            Eject(member.Endpoint, EjectionCause.ErrorRatio, $"{failures} of {requests} exchanges failed");
        }
        _passive!.BeginWindow(members);
        _windowEndMs = nowMs + _passive.WindowMs;
    }

    /// <summary>Unless too many are out already, or it is the last one that can be used.</summary>
    private void Eject(UpstreamEndpoint endpoint, EjectionCause cause, string reason)
    {
        long nowMs = _loop.NowMs;
        var members = _upstream.CurrentMembers.Where(each => each.Weight > 0).Select(each => each.Endpoint).ToArray();
        if (!_isRunning || !members.Contains(endpoint) || endpoint.Health.IsEjected(nowMs)) return;
        int ejected = members.Count(each => each.Health.IsEjected(nowMs));
        bool isLast = !members.Any(each => each != endpoint && Availability(each, nowMs) > 0);
        if (isLast || ejected >= _passive!.MostEjected(members.Length)) return;
        long untilMs = endpoint.Health.Eject(
            cause, reason, nowMs, _passive.EjectionMs, _passive.MaximumEjectionMs);
        if (_upstream.Journal is { } journal)
        {
            HealthLog.Ejected(
                journal.Logger, endpoint.Url, endpoint.Address, _upstream.Name, (untilMs - nowMs) / 1000.0, reason);
        }
        _ejected.Add(endpoint);
        _upstream.Refresh();
        Schedule();
    }

    /// <summary>That a connection opens is the same question whatever is spoken over it.</summary>
    private IHealthProbe ProbeOf(UpstreamEndpoint endpoint, ActiveHealthConfig active) =>
        _upstream.IsHttp2 && (active.Path ?? active.GrpcService) is not null
            ? new Http2Probe(endpoint, active, _upstream, _loop)
            : new HealthProbe(endpoint, active, _loop, _connector, _upstream.Settings.Greeting);

    private void TellBack(UpstreamEndpoint endpoint, string reason)
    {
        if (_upstream.Journal is { } journal)
            HealthLog.Back(journal.Logger, endpoint.Url, endpoint.Address, _upstream.Name, reason);
    }

    /// <summary>Wakes up when the next ejection or window ends, or a slow start takes its next step.</summary>
    private void Schedule()
    {
        if (!_isRunning) return;
        long nowMs = _loop.NowMs;
        long dueMs = _windowEndMs;
        foreach (var endpoint in _ejected) dueMs = Math.Min(dueMs, endpoint.Health.EjectedUntilMs);
        bool isStarting = _slowStartMs > 0
            && _upstream.CurrentMembers.Any(each => each.Endpoint.Health.SlowStartPercent(nowMs, _slowStartMs) < 100);
        if (isStarting) dueMs = Math.Min(dueMs, nowMs + Math.Max(1, _slowStartMs / Limits.SlowStartSteps));
        if (dueMs == long.MaxValue) _loop.Timers.Cancel(_timer);
        else _loop.Timers.Set(_timer, dueMs);
    }

    private sealed class Ejection(UpstreamHealth watch, UpstreamEndpoint endpoint)
    {
        public void Carry() => watch.Eject(
            endpoint, EjectionCause.ConsecutiveFailures,
            $"{watch._config.Passive!.Failures} exchanges in a row failed");
    }
}
