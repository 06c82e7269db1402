namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// What is known about an endpoint's health, kept over reloads with the endpoint. Read by any thread, a moment's value;
/// written by the loop that watches the upstream, except for the streak of failures, which every loop counts. Times are
/// loop times in milliseconds.
/// </summary>
public sealed class EndpointHealth(TimeProvider time)
{
    /// <summary>An endpoint that just came back has this much of its weight, in percent.</summary>
    private const int LeastSlowStartPercent = 10;

    private readonly long[] _ejections = new long[Enum.GetValues<EjectionCause>().Length];
    private readonly long[] _checks = new long[Enum.GetValues<CheckResult>().Length];
    private EndpointState _checked;
    private int _failureStreak;
    private long _ejectedUntilMs;
    private int _ejectionStep;
    private long _backSinceMs;

    /// <summary>The verdict of the active checks; a configuration that comes anew begins with it.</summary>
    public EndpointState Checked => _checked;

    /// <summary>When the state last changed.</summary>
    public DateTimeOffset Since { get; private set; } = time.GetUtcNow();

    /// <summary>Why the state is what it is, for people.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Of the last active check; zero before the first.</summary>
    public TimeSpan CheckDuration { get; private set; }

    public long EjectedUntilMs => Volatile.Read(ref _ejectedUntilMs);

    /// <summary>All ejections so far.</summary>
    public long Ejections => _ejections.Sum();

    public long EjectionsBy(EjectionCause cause) => Volatile.Read(ref _ejections[(int)cause]);

    public long ChecksWith(CheckResult result) => Volatile.Read(ref _checks[(int)result]);

    public bool IsEjected(long nowMs) => nowMs < EjectedUntilMs;

    /// <summary>
    /// The share of its weight an endpoint has after it came back, in percent, growing over
    /// <paramref name="slowStartMs"/>.
    /// </summary>
    public int SlowStartPercent(long nowMs, int slowStartMs)
    {
        long sinceMs = Volatile.Read(ref _backSinceMs);
        if (slowStartMs == 0 || sinceMs == 0 || nowMs - sinceMs >= slowStartMs) return 100;
        return Math.Max(LeastSlowStartPercent, (int)((nowMs - sinceMs) * 100 / slowStartMs));
    }

    /// <summary>It came back, or was added to a running gateway: slow start begins.</summary>
    public void BeginSlowStart(long nowMs) => Volatile.Write(ref _backSinceMs, Math.Max(1, nowMs));

    /// <summary>Failures in a row, this one included. Any loop.</summary>
    public int CountFailure() => Interlocked.Increment(ref _failureStreak);

    /// <summary>
    /// Ends the streak. Any loop: a read while there is none, so that loops do not fight over the line.
    /// </summary>
    public void CountSuccess()
    {
        if (Volatile.Read(ref _failureStreak) != 0) Volatile.Write(ref _failureStreak, 0);
    }

    /// <summary>
    /// Leaves the endpoint out. The time grows with each ejection, and shrinks again by a step for each
    /// <paramref name="baseMs"/> the endpoint has been in use since. Returns the end.
    /// </summary>
    public long Eject(EjectionCause cause, string reason, long nowMs, int baseMs, int mostMs)
    {
        long quietMs = nowMs - EjectedUntilMs;
        _ejectionStep = (int)Math.Max(0, _ejectionStep - quietMs / baseMs) + 1;
        Volatile.Write(ref _failureStreak, 0);
        Volatile.Write(ref _ejections[(int)cause], _ejections[(int)cause] + 1);
        Volatile.Write(ref _ejectedUntilMs, nowMs + Math.Min(mostMs, (long)baseMs * _ejectionStep));
        Tell(reason);
        return _ejectedUntilMs;
    }

    /// <summary>Its time is over.</summary>
    public void Return(long nowMs)
    {
        Volatile.Write(ref _failureStreak, 0);
        BeginSlowStart(nowMs);
        Tell("its ejection is over");
    }

    public void CountCheck(CheckResult result, TimeSpan duration)
    {
        Volatile.Write(ref _checks[(int)result], _checks[(int)result] + 1);
        CheckDuration = duration;
    }

    /// <summary>The active checks have come to another verdict.</summary>
    public void Judge(EndpointState verdict, string reason, long nowMs)
    {
        if (_checked == EndpointState.Unhealthy && verdict == EndpointState.Healthy) BeginSlowStart(nowMs);
        _checked = verdict;
        Tell(reason);
    }

    private void Tell(string reason)
    {
        Reason = reason;
        Since = time.GetUtcNow();
    }
}
