using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// Asks one endpoint regularly, and comes to a verdict: the first answer counts, after that so many in a row. Begins
/// with what was known before a reload. Loop thread, except for <see cref="Verdict"/>.
/// </summary>
internal sealed class ActiveCheck : ILoopTimerTarget
{
    private readonly ActiveHealthConfig _config;
    private readonly EventLoop _loop;
    private readonly UpstreamHealth _watch;
    private readonly IHealthProbe _probe;
    private readonly LoopTimer _next;
    private volatile EndpointState _verdict;
    private int _streak;
    private bool _isStopped;
    private bool _isRunning;

    public ActiveCheck(
        UpstreamEndpoint endpoint, ActiveHealthConfig config, EventLoop loop, IHealthProbe probe, UpstreamHealth watch)
    {
        Endpoint = endpoint;
        _config = config;
        _loop = loop;
        _watch = watch;
        _probe = probe;
        _next = new LoopTimer(this);
        _verdict = endpoint.Health.Checked;
    }

    public UpstreamEndpoint Endpoint { get; }

    /// <summary>Any thread.</summary>
    public EndpointState Verdict => _verdict;

    /// <summary>
    /// At once when nothing is known yet; otherwise some time within the interval, so that a reload does not ask all
    /// endpoints of all upstreams in one moment.
    /// </summary>
    public void Start()
    {
        int intervalMs = (int)_config.Interval.TotalMilliseconds;
        if (_verdict == EndpointState.Unknown) _ = RunAsync();
        else _loop.Timers.Set(_next, _loop.NowMs + Random.Shared.Next(intervalMs));
    }

    public void Stop()
    {
        _isStopped = true;
        _loop.Timers.Cancel(_next);
        // A check under way ends by itself, and closes then.
        if (!_isRunning) _probe.Close();
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer) => _ = RunAsync();

    private async Task RunAsync()
    {
        long startMs = _loop.NowMs;
        long start = _loop.Time.GetTimestamp();
        _isRunning = true;
        ProbeOutcome outcome;
        try
        {
            outcome = await _probe.RunAsync();
        }
        catch (Exception defect)
        {
            // One endpoint's check must not end for ever; what went wrong is shown as its reason.
            _probe.Close();
            outcome = new ProbeOutcome(CheckResult.ConnectFailed, $"the check itself failed: {defect.Message}");
        }
        _isRunning = false;
        if (_isStopped)
        {
            _probe.Close();
            return;
        }
        Endpoint.Health.CountCheck(outcome.Result, _loop.Time.GetElapsedTime(start));
        Settle(outcome);
        _loop.Timers.Set(_next, Math.Max(startMs + NextMs(), _loop.NowMs + 1));
    }

    private void Settle(ProbeOutcome outcome)
    {
        var wanted = outcome.Result == CheckResult.Success ? EndpointState.Healthy : EndpointState.Unhealthy;
        if (wanted == _verdict)
        {
            _streak = 0;
            return;
        }
        int needed = wanted == EndpointState.Healthy ? _config.HealthyAfter : _config.UnhealthyAfter;
        if (_verdict != EndpointState.Unknown && ++_streak < needed) return;
        var before = _verdict;
        _streak = 0;
        _verdict = wanted;
        Endpoint.Health.Judge(wanted, outcome.Reason, _loop.NowMs);
        _watch.OnVerdict(Endpoint, before, outcome.Reason);
    }

    private long NextMs()
    {
        double spread = (Random.Shared.NextDouble() * 2 - 1) * _config.Jitter;
        return (long)(_config.Interval.TotalMilliseconds * (1 + spread));
    }
}
