using System.Globalization;
using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Gives a new generation to a growing share of the connections and watches what it does to them. Each step is judged
/// by itself; the last one serves everyone and is judged as well, so that even a plan of one step can go back. The
/// owner calls <see cref="Look"/> and <see cref="Stop"/> under one lock.
/// </summary>
internal sealed class StagedRollout
{
    private readonly RolloutConfig _plan;
    private readonly SnapshotStore _store;
    private readonly TimeProvider _time;
    private readonly GatewaySnapshot _before;
    private int _step;
    private long _stepStart;
    private (long Exchanges, long Failed) _atStepStart;

    public StagedRollout(
        RolloutConfig plan, GatewaySnapshot candidate, SnapshotStore store, int loops, TimeProvider time)
    {
        _plan = plan;
        _store = store;
        _time = time;
        _before = store.Current;
        Candidate = candidate;
        candidate.Tally = new RolloutTally(loops, _before);
        _before.Tally = new RolloutTally(loops, before: null);
        _stepStart = time.GetTimestamp();
        store.Offer(candidate, plan.Steps[0]);
    }

    public GatewaySnapshot Candidate { get; }

    /// <summary>Of the connections, 0 to 1.</summary>
    public double Share => _plan.Steps[_step];

    /// <summary>Since the beginning.</summary>
    public (long Exchanges, long Failed) Counted => Candidate.Tally?.Read() ?? default;

    /// <summary>How often to look: early enough that an interval is never much longer than asked for.</summary>
    public TimeSpan LookPeriod =>
        TimeSpan.FromMilliseconds(Math.Clamp(_plan.Interval.TotalMilliseconds / 4, 25, Limits.RolloutLookMs));

    /// <summary>Judges the step, and goes on to the next when its time is over. Not null at the end.</summary>
    public RolloutEnd? Look()
    {
        if (Judge() is { } reason) return new RolloutEnd(Succeeded: false, reason);
        if (_time.GetElapsedTime(_stepStart) < _plan.Interval) return null;
        if (_step == _plan.Steps.Length - 1) return new RolloutEnd(Succeeded: true, "");
        _step++;
        _stepStart = _time.GetTimestamp();
        _atStepStart = Counted;
        _store.Offer(Candidate, Share);
        return null;
    }

    /// <summary>Counts no longer.</summary>
    public void Stop() => Candidate.Tally = _before.Tally = null;

    /// <summary>Null while the generation may stay.</summary>
    private string? Judge()
    {
        var now = Counted;
        long exchanges = now.Exchanges - _atStepStart.Exchanges;
        long failed = now.Failed - _atStepStart.Failed;
        if (exchanges < _plan.Minimum) return null;
        double ratio = (double)failed / exchanges;
        var before = _before.Tally!.Read();
        double usual = before.Exchanges == 0 ? 0 : (double)before.Failed / before.Exchanges;
        // An upstream that fails under both generations is no reason to go back to the older one.
        if (ratio <= _plan.ErrorRatio || ratio <= usual + _plan.Margin) return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{failed} of {exchanges} exchanges failed at a share of {Share:P1}, before it {usual:P1}");
    }
}
