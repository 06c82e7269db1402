using System.Text;
using DataPlane.Gateway.Loops;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// The environments of one function and the invocations that wait for one: first come, first served. Environments are
/// added while the queue would outlast a start, and ahead of demand, see <see cref="FunctionDemand"/>; not where they
/// would only share processors that this function has used up. Function's loop; 0 bytes per invocation.
/// </summary>
internal sealed class FunctionPool : ILoopTimerTarget
{
    private readonly List<FunctionEnvironment> _idle = [];
    private readonly List<FunctionEnvironment> _all = [];
    private readonly LoopTimer _care;
    private readonly LoopTimer _hurry;
    private readonly DemandHistory _history = new();
    private readonly FunctionDemand _demand = new();
    private readonly int _processors = Environment.ProcessorCount;
    private Invocation? _firstWaiting;
    private Invocation? _lastWaiting;
    private int _waiting;
    private int _starting;
    private int _underWay;
    private int _codeVersion;
    private double _meanInitMs;
    private long _hurryDueMs;
    private long _useTakenMs;
    private bool _hasBeenLate;
    private bool _usesProcessors;
    private long _restartAtMs;
    private int _restartPauseMs;
    private bool _isServing;

    public FunctionPool(HostedFunction function)
    {
        Function = function;
        _care = new LoopTimer(this);
        _hurry = new LoopTimer(this);
    }

    public HostedFunction Function { get; }

    public EventLoop Loop => Function.Loop;

    /// <summary>Processes of the function, for people.</summary>
    public IReadOnlyList<FunctionEnvironment> Environments => _all;

    private FunctionCounters Counters => Function.Counters;

    private Config.FunctionConcurrencyConfig Concurrency => Function.Config.Concurrency;

    /// <summary>A generation uses the function from now on: what is provisioned starts.</summary>
    public void Start()
    {
        if (_isServing) return;
        _isServing = true;
        Provision();
        Care();
    }

    /// <summary>No generation uses it any more: what is idle ends, what runs ends after its answer.</summary>
    public void Stop()
    {
        _isServing = false;
        Loop.Timers.Cancel(_care);
        if (_waiting > 0) return;
        EndIdle(_ => true);
        for (int index = _all.Count - 1; index >= 0; index--)
        {
            if (_all[index].State == EnvironmentState.Starting) _all[index].End();
        }
    }

    public void Submit(Invocation invocation)
    {
        Counters.Invocations++;
        _demand.OnArrival();
        if (Concurrency.Reserved is { } reserved && _underWay >= reserved)
        {
            Refuse(invocation, InvocationStatus.ReservedExceeded);
            return;
        }
        if (_idle.Count > 0)
        {
            _underWay++;
            RunNext(invocation);
            Count();
            return;
        }
        if (_waiting >= Concurrency.Pending)
        {
            Refuse(invocation, InvocationStatus.QueueFull);
            return;
        }
        _underWay++;
        Enqueue(invocation);
        Grow();
        Count();
    }

    /// <summary>The caller has left; an invocation that still waits is not run.</summary>
    public void Forget(Invocation invocation)
    {
        Invocation? before = null;
        for (var each = _firstWaiting; each is not null; before = each, each = each.Next)
        {
            if (!ReferenceEquals(each, invocation)) continue;
            if (before is null) _firstWaiting = each.Next;
            else before.Next = each.Next;
            if (ReferenceEquals(_lastWaiting, each)) _lastWaiting = before;
            each.Next = null;
            _waiting--;
            _underWay--;
            invocation.Done(InvocationStatus.Abandoned);
            Count();
            return;
        }
    }

    /// <summary>The code has changed: newer environments take over, then the older ones end.</summary>
    public void Renew()
    {
        _codeVersion++;
        _restartAtMs = 0;
        if (_all.Count == 0) return;
        // As many as are idle now, so that nobody has to wait for a start; one at least says whether the code loads.
        int wanted = Math.Clamp(_idle.Count, 1, Math.Max(1, MostStarting - _starting));
        for (int each = 0; each < wanted; each++)
        {
            if (_all.Count >= Concurrency.Maximum && _idle.Count > 0) EndOne();
            if (_all.Count < Concurrency.Maximum) Spawn();
        }
    }

    public void OnStarted(FunctionEnvironment environment)
    {
        _starting--;
        _restartPauseMs = 0;
        double initMs = Loop.Time.GetElapsedTime(0, environment.InitTicks).TotalMilliseconds;
        _meanInitMs = _meanInitMs == 0 ? initMs : _meanInitMs + (initMs - _meanInitMs) / 4;
        Counters.InitSeconds += initMs / 1000;
        if (environment.CodeVersion == _codeVersion) EndIdle(each => each.CodeVersion != _codeVersion);
        // Only so many start at once: its place is free.
        Provision();
    }

    /// <summary>The environment has asked for an event.</summary>
    public void OnFree(FunctionEnvironment environment)
    {
        if (IsWornOut(environment))
        {
            environment.End();
            Grow();
            Provision();
        }
        else if (Dequeue() is { } invocation)
        {
            environment.Run(invocation);
            if (_waiting > 0) Grow();
        }
        else
        {
            _idle.Add(environment);
            if (!_isServing) environment.End();
        }
        Count();
    }

    /// <summary>Its client closed the connection that waited.</summary>
    public void OnUnreachable(FunctionEnvironment environment)
    {
        _idle.Remove(environment);
        Count();
    }

    public void OnInvoked(double runMs, bool isFirst)
    {
        _underWay--;
        _demand.OnRun(runMs, isFirst);
        Counters.RunSeconds += runMs / 1000;
    }

    public void OnStartFailed(
        FunctionEnvironment environment, InvocationOutcome outcome, string type, string message)
    {
        bool isLate = outcome == InvocationOutcome.TimedOut;
        Function.Host.TellFailedStart(
            Function, outcome, isLate ? null : type, $"{type}: {message}", environment.RunningSinceStartMs);
        if (FailedStart(environment) is not { } invocation) return;
        invocation.Fail(type, $"RequestId: {invocation.Uuid} Error: {message}");
    }

    /// <summary>The runtime says itself, in JSON, why it cannot start.</summary>
    public void OnStartFailed(FunctionEnvironment environment, ReadOnlySpan<byte> error)
    {
        Function.Host.TellFailedStart(
            Function, InvocationOutcome.Failed, FunctionErrorType.Of(error),
            Encoding.UTF8.GetString(error[..Math.Min(error.Length, 1024)]), environment.RunningSinceStartMs);
        if (FailedStart(environment) is not { } invocation) return;
        invocation.Answer.Clear();
        invocation.Answer.Append(error);
        invocation.Done(InvocationStatus.FunctionError);
    }

    public void OnEnded(FunctionEnvironment environment)
    {
        _all.Remove(environment);
        _idle.Remove(environment);
        if (environment.InitTicks == 0) _starting--;
        // Those that wait must not wait for one that is no more.
        if (_waiting > 0) Grow();
        Provision();
        Count();
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        if (ReferenceEquals(timer, _care))
        {
            Care();
        }
        else if (_waiting > 0)
        {
            Hurry();
            SetHurry();
        }
        Count();
    }

    private void RunNext(Invocation invocation)
    {
        // The one used last: the others may become old enough to go.
        var environment = _idle[^1];
        _idle.RemoveAt(_idle.Count - 1);
        environment.Run(invocation);
    }

    private void Refuse(Invocation invocation, InvocationStatus status)
    {
        Counters.Throttles++;
        invocation.Done(status);
    }

    private void Enqueue(Invocation invocation)
    {
        invocation.SubmittedMs = Loop.NowMs;
        if (_lastWaiting is null) _firstWaiting = invocation;
        else _lastWaiting.Next = invocation;
        _lastWaiting = invocation;
        if (_waiting++ > 0) return;
        _hasBeenLate = false;
        SetHurry();
    }

    private void SetHurry()
    {
        _hurryDueMs = Loop.NowMs + LambdaLimits.GrowthMs;
        Loop.Timers.Set(_hurry, _hurryDueMs);
    }

    private Invocation? Dequeue()
    {
        if (_firstWaiting is not { } first) return null;
        _firstWaiting = first.Next;
        if (_firstWaiting is null) _lastWaiting = null;
        first.Next = null;
        _waiting--;
        _demand.OnWaited(Loop.NowMs - first.SubmittedMs);
        return first;
    }

    private Invocation? FailedStart(FunctionEnvironment environment)
    {
        Counters.FailedStarts++;
        if (environment.CodeVersion == _codeVersion)
        {
            _restartPauseMs = Math.Clamp(
                _restartPauseMs * 2, LambdaLimits.FirstRestartMs, LambdaLimits.LongestRestartMs);
            _restartAtMs = Loop.NowMs + _restartPauseMs;
            // What the files say is what runs: broken code is seen, not hidden behind the older one.
            EndIdle(each => each.CodeVersion != _codeVersion);
        }
        var invocation = Dequeue();
        if (invocation is not null)
        {
            _underWay--;
            Counters.Errors++;
        }
        return invocation;
    }

    /// <summary>So many may start at once: fewer beside invocations that run.</summary>
    private int MostStarting => _all.Count > _starting
        ? Math.Max(1, _processors)
        : Math.Max(2, _processors * LambdaLimits.StartsPerProcessor);

    /// <summary>
    /// A shorter queue is not worth a start. A loaded machine takes longer for it, and one more makes it worse.
    /// </summary>
    private double WorthMs => Math.Max(LambdaLimits.GrowthMs, _meanInitMs);

    /// <summary>Starts environments for those that wait, if that helps them.</summary>
    private void Grow()
    {
        if (_all.Count == _starting)
        {
            // Nothing runs that a start could hold up.
            foreach (var environment in _all) environment.Hasten();
            SpawnUpTo(_waiting - _starting);
        }
        else if (_waiting > _starting && _demand.MeanMs > 0)
        {
            GrowBy(_demand.MeanMs);
        }
    }

    /// <summary>
    /// Invocations may take longer than they used to, or be the first: what runs now tells, if it tells so twice. Once
    /// may be the machine that had no time for any of them.
    /// </summary>
    private void Hurry()
    {
        bool wasStalled = Loop.NowMs - _hurryDueMs >= LambdaLimits.GrowthMs;
        int ready = _all.Count - _starting;
        if (wasStalled || ready == 0)
        {
            if (ready == 0) Grow();
            _hasBeenLate = false;
            return;
        }
        double perMs = 0;
        foreach (var environment in _all)
        {
            double runMs = Math.Max(_demand.MeanMs, environment.RunningMs);
            if (environment.State != EnvironmentState.Starting) perMs += 1 / Math.Max(runMs, 0.001);
        }
        double meanMs = ready / perMs;
        bool isLate = FunctionDemand.Missing(_waiting, _all.Count, meanMs, WorthMs) > 0;
        if (isLate && _hasBeenLate) GrowBy(meanMs);
        _hasBeenLate = isLate;
    }

    private void GrowBy(double runMs)
    {
        int missing = FunctionDemand.Missing(_waiting, _all.Count, runMs, WorthMs);
        if (missing > 0 && !IsSaturated()) SpawnUpTo(Math.Min(missing, _waiting - _starting));
    }

    /// <summary>The machine has no time left, and this function takes much of it: no more processes.</summary>
    private bool IsSaturated()
    {
        if (_all.Count < _processors) return false;
        long sinceMs = Loop.NowMs - _useTakenMs;
        if (sinceMs >= LambdaLimits.UsePeriodMs)
        {
            _useTakenMs = Loop.NowMs;
            long usedMs = 0;
            foreach (var environment in _all) usedMs += environment.TakeProcessorMs();
            _usesProcessors = usedMs * 4 >= sinceMs * _processors;
        }
        return _usesProcessors && Function.Host.Keeper.Machine.BusyPercent >= LambdaLimits.SaturatedPercent;
    }

    private void SpawnUpTo(int wanted)
    {
        int most = Math.Min(Concurrency.Maximum - _all.Count, MostStarting - _starting);
        for (int left = Math.Min(wanted, most); left > 0; left--) Spawn();
    }

    private void Spawn()
    {
        bool givesWay = _all.Count > _starting;
        _starting++;
        Counters.Starts++;
        var environment = Function.CreateEnvironment(this, _codeVersion, givesWay, out var begin);
        _all.Add(environment);
        begin();
    }

    private void Provision()
    {
        if (!_isServing || Loop.NowMs < _restartAtMs) return;
        SpawnUpTo(Concurrency.Provisioned - _all.Count);
    }

    private void Care()
    {
        if (!_isServing) return;
        Loop.Timers.Set(_care, Loop.NowMs + LambdaLimits.CareMs);
        int wanted = _demand.Measure(out bool isPressing);
        wanted = Math.Min(wanted, Concurrency.Maximum);
        _history.Note(Loop.NowMs, wanted);
        int expected = Math.Min(_history.Expected(Loop.NowMs), Concurrency.Maximum);
        if (expected > wanted)
        {
            // Nobody presses yet: those who will come as an hour ago are to find no cold start.
            wanted = expected;
            isPressing = true;
        }
        bool isSaturated = IsSaturated();
        if (isPressing && !isSaturated && Loop.NowMs >= _restartAtMs) SpawnUpTo(wanted - _all.Count);
        if (_all.Count > 0 && Function.Credentials.HaveChanged()) Renew();
        Provision();
        int kept = Math.Max(wanted, Concurrency.Provisioned);
        long idleMs = (long)Function.Config.IdleTimeout.TotalMilliseconds;
        while (_idle.Count > 0 && _all.Count > kept && Loop.NowMs - _idle[0].IdleSinceMs >= idleMs) _idle[0].End();
        if (_idle.FindIndex(IsWornOut) is var old and >= 0) _idle[old].End();
    }

    private bool IsWornOut(FunctionEnvironment environment)
    {
        var config = Function.Config;
        return (environment.CodeVersion != _codeVersion && _all.Exists(
                each => each.CodeVersion == _codeVersion && each.InitTicks > 0))
            || (config.MaxInvocations > 0 && environment.Invocations >= config.MaxInvocations)
            || (config.MaxAge > TimeSpan.Zero
                && Loop.NowMs - environment.StartedMs >= config.MaxAge.TotalMilliseconds);
    }

    private void EndIdle(Predicate<FunctionEnvironment> which)
    {
        for (int index = _idle.Count - 1; index >= 0; index--)
        {
            if (index < _idle.Count && which(_idle[index])) _idle[index].End();
        }
    }

    private void EndOne() => _idle[0].End();

    private void Count()
    {
        Counters.Concurrency = _underWay - _waiting;
        Counters.Waiting = _waiting;
        Counters.Starting = _starting;
        Counters.Idle = _idle.Count;
        Counters.Busy = _all.Count - _idle.Count - _starting;
    }
}
