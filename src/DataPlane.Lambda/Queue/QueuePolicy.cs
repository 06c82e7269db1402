using DataPlane.Config;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// Lambda's rules for asynchronous invocations: a function that failed is tried again after one and two minutes, a
/// refusal after one second up to five minutes, both while the event is young enough. Pure.
/// </summary>
internal static class QueuePolicy
{
    /// <summary>What follows an attempt that ended now.</summary>
    public static QueueVerdict After(
        InvocationStatus status, QueueEntry entry, FunctionAsyncConfig config, long nowMs)
    {
        if (status is InvocationStatus.Answered or InvocationStatus.Streaming)
            return new QueueVerdict(QueueVerdict.Success, 0, entry.Attempts + 1, 0);
        if (status != InvocationStatus.FunctionError) return Refused(entry, config.MaximumAge, nowMs);
        int attempts = entry.Attempts + 1;
        if (attempts > config.Retries) return new QueueVerdict(QueueVerdict.RetriesExhausted, 0, attempts, 0);
        long dueMs = nowMs + (long)config.RetryDelay.TotalMilliseconds * attempts;
        string? condition = IsTooOld(entry, config.MaximumAge, dueMs) ? QueueVerdict.EventAgeExceeded : null;
        return new QueueVerdict(condition, dueMs, attempts, 0);
    }

    /// <summary>Nobody took it: another attempt, with growing pauses, as long as it is young enough.</summary>
    public static QueueVerdict Refused(QueueEntry entry, TimeSpan maximumAge, long nowMs)
    {
        int throttles = entry.Throttles + 1;
        long pauseMs = Math.Min(
            LambdaLimits.LongestThrottleMs, (long)LambdaLimits.FirstThrottleMs << Math.Min(throttles - 1, 16));
        string? condition = IsTooOld(entry, maximumAge, nowMs + pauseMs) ? QueueVerdict.EventAgeExceeded : null;
        return new QueueVerdict(condition, nowMs + pauseMs, entry.Attempts, throttles);
    }

    /// <summary>At that time it would be older than it may become.</summary>
    public static bool IsTooOld(QueueEntry entry, TimeSpan maximumAge, long atMs) =>
        atMs - entry.QueuedMs > maximumAge.TotalMilliseconds;
}
