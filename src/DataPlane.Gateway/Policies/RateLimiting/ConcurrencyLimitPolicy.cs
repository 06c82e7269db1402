using DataPlane.Config.Policies;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// Refuses with 429 what a caller asks while it has its number of requests under way. The exchange leaves the count
/// when it ends, however it does; a tunnel when it is closed. Loop threads; 0 bytes.
/// </summary>
public sealed class ConcurrencyLimitPolicy(ConcurrencyLimiter limiter, LimitKey key)
    : IRequestPolicy, IExplainedPolicy
{
    public Verdict OnRequest(Exchange exchange)
    {
        if (limiter.TryEnter(key.Of(exchange), exchange.Loop, out int place))
        {
            exchange.CallerPlace = new CallerPlace(limiter.Table, place);
            exchange.Bounds |= ExchangeBounds.Caller;
            return Verdict.Continue;
        }
        if (limiter.IsShadow) return Verdict.Continue;
        exchange.ReplyOutcome = ExchangeOutcome.ConcurrencyLimited;
        return Verdict.Reply;
    }

    public PolicyExplanation Explain(Exchange exchange)
    {
        bool isIn = limiter.Table.TryEnter(key.Of(exchange), limiter.Most, out int place);
        if (isIn) limiter.Table.Leave(place);
        string detail = isIn
            ? $"the caller has fewer than {limiter.Most} under way"
            : $"the caller has its {limiter.Most} under way";
        return new PolicyExplanation(
            ConcurrencyLimitConfig.Kind, limiter.Name,
            isIn || limiter.IsShadow ? PolicyExplanation.Continues : "reply 429", detail)
        {
            Outcome = ExchangeOutcome.ConcurrencyLimited,
        };
    }
}
