using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>
/// Refuses with 429 what a caller asks while it has its number of requests under way. The exchange leaves the count
/// when it ends, however it does; a tunnel when it is closed. Loop threads; 0 bytes.
/// </summary>
public sealed class ConcurrencyLimitPolicy(ConcurrencyLimiter limiter, LimitKey key) : IRequestPolicy
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
}
