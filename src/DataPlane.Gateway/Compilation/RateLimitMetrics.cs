using DataPlane.Gateway.Policies.RateLimiting;
using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>The limits of callers in force. One scrape at a time.</summary>
public sealed class RateLimitMetrics(SnapshotStore snapshots) : IMetricSource
{
    private static readonly Func<IRateStore, long> s_callers = static store => store.Callers;
    private static readonly Func<IRateStore, long> s_evictions = static store => store.Evictions;

    private readonly LabelCache _policy = new("policy");

    public void Write(PrometheusText text)
    {
        var limiters = snapshots.Current.RateLimiters;
        text.Family("dataplane_rate_limited"u8, MetricKind.Counter, "Requests refused by a rate limit."u8);
        foreach (var limiter in limiters)
        {
            if (!limiter.IsShadow) text.Sample(limiter.Refused, _policy.Of(limiter.Name));
        }
        text.Family("dataplane_rate_limit_shadowed"u8, MetricKind.Counter,
            "Requests that a rate limit in shadow would have refused."u8);
        foreach (var limiter in limiters)
        {
            if (limiter.IsShadow) text.Sample(limiter.Refused, _policy.Of(limiter.Name));
        }
        text.Family("dataplane_rate_limit_callers"u8, MetricKind.Gauge, "Callers a rate limit remembers."u8);
        foreach (var limiter in limiters) text.Sample(Sum(limiter, s_callers), _policy.Of(limiter.Name));
        text.Family("dataplane_rate_limit_evictions"u8, MetricKind.Counter,
            "Callers forgotten for want of room; whoever took the place inherited the time to wait."u8);
        foreach (var limiter in limiters) text.Sample(Sum(limiter, s_evictions), _policy.Of(limiter.Name));
        WriteConcurrency(text, snapshots.Current.ConcurrencyLimiters.AsSpan());
    }

    private void WriteConcurrency(PrometheusText text, ReadOnlySpan<ConcurrencyLimiter> limiters)
    {
        text.Family("dataplane_concurrency_limited"u8, MetricKind.Counter,
            "Requests refused because their caller had its number under way."u8);
        foreach (var limiter in limiters)
        {
            if (!limiter.IsShadow) text.Sample(limiter.Refused, _policy.Of(limiter.Name));
        }
        text.Family("dataplane_concurrency_limit_shadowed"u8, MetricKind.Counter,
            "Requests that a concurrency limit in shadow would have refused."u8);
        foreach (var limiter in limiters)
        {
            if (limiter.IsShadow) text.Sample(limiter.Refused, _policy.Of(limiter.Name));
        }
        text.Family("dataplane_concurrency_limit_shared"u8, MetricKind.Counter,
            "Requests counted together with another caller's, for want of room."u8);
        foreach (var limiter in limiters) text.Sample(limiter.Table.Shared, _policy.Of(limiter.Name));
    }

    private static long Sum(RateLimiter limiter, Func<IRateStore, long> figure)
    {
        long sum = 0;
        foreach (var store in limiter.Stores) sum += figure(store);
        return sum;
    }
}
