using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Upstreams.Retries;

/// <summary>
/// When an exchange of an upstream is tried again. Asked only after something went wrong; a success costs the count of
/// the request. Null on an upstream that never tries again. Immutable apart from budgets and counts; loop threads;
/// 0 bytes.
/// </summary>
public sealed class RetryPolicy
{
    private readonly RetrySettings _settings;
    private readonly bool _refusesStatuses;
    private readonly Slot[] _slots;

    public RetryPolicy(RetrySettings settings, LoopSet loops)
    {
        _settings = settings;
        _refusesStatuses = !settings.Statuses.IsEmpty;
        _slots = new Slot[loops.Count];
        for (int loop = 0; loop < _slots.Length; loop++)
        {
            // Connections spread over the loops, and so does what may be spent without a request.
            _slots[loop].Budget = new RetryBudget(settings.BudgetShare, settings.BudgetPerSecond / loops.Count);
            _slots[loop].Counts = new long[ReasonCount + 1];
        }
    }

    public static int ReasonCount { get; } = Enum.GetValues<RetryReason>().Length;

    public RetrySettings Settings => _settings;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountRequest(EventLoop loop) => _slots[loop.Index].Budget.CountRequest();

    /// <summary>Retries made for a reason, over all loops. Any thread.</summary>
    public long Made(RetryReason reason) => Sum((int)reason);

    /// <summary>Retries that the budget did not allow. Any thread.</summary>
    public long OverBudget => Sum(ReasonCount);

    /// <summary>
    /// A pooled connection that died before the first byte of an answer has most likely been closed by its upstream
    /// while it was idle: it is replaced once, and neither counts nor is charged.
    /// </summary>
    public bool TryReplace(Exchange exchange)
    {
        if (!MayRepeat(exchange) || exchange.FirstByteTicks != 0) return false;
        var retries = exchange.Retries ??= new ExchangeRetries();
        if (retries.HasReplaced) return false;
        retries.HasReplaced = true;
        return true;
    }

    /// <summary>True when a try that ended so is followed by another one, which is then counted and charged.</summary>
    public bool TryAgain(Exchange exchange, ExchangeOutcome outcome)
    {
        bool isReset = outcome == ExchangeOutcome.UpstreamClosed && _settings.OnReset;
        bool isTimeout = outcome == ExchangeOutcome.UpstreamResponseTimeout && _settings.OnTimeout;
        if (!(isReset || isTimeout) || exchange.FirstByteTicks != 0) return false;
        return TryTake(exchange, isReset ? RetryReason.Reset : RetryReason.Timeout);
    }

    /// <summary>True when a response of this status is dropped for another try.</summary>
    public bool TryRefuse(Exchange exchange, int status) =>
        _refusesStatuses && _settings.Statuses.Contains(status) && TryTake(exchange, RetryReason.Status);

    /// <summary>
    /// True when another endpoint may be asked after a connect failed: nothing was sent, so any method may. A refusal
    /// costs nobody anything; one that took its time counts as an attempt.
    /// </summary>
    public bool TryConnectAgain(Exchange exchange, UpstreamEndpoint failed, bool tookTime)
    {
        if (!_settings.OnConnectFailure) return false;
        var retries = exchange.Retries ??= new ExchangeRetries();
        if (tookTime && retries.Attempts >= _settings.Attempts) return false;
        if (tookTime) retries.Attempts++;
        retries.Add(failed);
        Count(exchange.Loop, (int)RetryReason.ConnectFailure);
        return true;
    }

    /// <summary>
    /// Milliseconds to wait before the next try: none before the first retry, then up to twice as long each time, at
    /// random, so that those who failed together do not come back together.
    /// </summary>
    internal int BackoffMs(int attempt)
    {
        if (_settings.BackoffMs == 0 || attempt < 2) return 0;
        long mostMs = (long)_settings.BackoffMs << Math.Min(attempt - 2, 8);
        return Random.Shared.Next((int)Math.Min(mostMs, Limits.RetryBackoffMs)) + 1;
    }

    private bool TryTake(Exchange exchange, RetryReason reason)
    {
        if (!MayRepeat(exchange)) return false;
        var retries = exchange.Retries ??= new ExchangeRetries();
        if (retries.Attempts >= _settings.Attempts) return false;
        if (!_slots[exchange.Loop.Index].Budget.TryTake(exchange.Loop.NowMs))
        {
            Count(exchange.Loop, ReasonCount);
            return false;
        }
        retries.Attempts++;
        retries.DelayMs = BackoffMs(retries.Attempts);
        if (exchange.Endpoint is { } endpoint) retries.Add(endpoint);
        exchange.FirstByteTicks = 0;
        Count(exchange.Loop, (int)reason);
        return true;
    }

    /// <summary>RFC 9110 9.2.2: only what may be sent twice, and only while the body is still whole.</summary>
    private bool MayRepeat(Exchange exchange) =>
        (!exchange.Body.IsTouched || exchange.HoldsBody)
        && exchange.CancelReason == CancelReason.None
        && (_settings.Methods & (1u << (int)exchange.Request.Method)) != 0;

    private void Count(EventLoop loop, int cell)
    {
        ref long count = ref _slots[loop.Index].Counts[cell];
        Volatile.Write(ref count, count + 1);
    }

    private long Sum(int cell)
    {
        long sum = 0;
        foreach (var slot in _slots) sum += Volatile.Read(ref slot.Counts[cell]);
        return sum;
    }

    private struct Slot
    {
        public RetryBudget Budget;
        public long[] Counts;
    }
}
