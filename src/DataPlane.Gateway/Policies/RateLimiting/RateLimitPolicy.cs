using System.Text;
using DataPlane.Config.Policies;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;

namespace DataPlane.Gateway.Policies.RateLimiting;

/// <summary>Refuses with 429 what a caller asks beyond its rates. Loop threads; 0 bytes.</summary>
public sealed class RateLimitPolicy : IRequestPolicy, IExplainedPolicy
{
    private readonly RateLimiter _limiter;
    private readonly LimitKey _key;
    private readonly RateLimitConfig _config;
    private readonly byte[][] _fields;
    private readonly long _ticksPerSecond;

    public RateLimitPolicy(
        RateLimiter limiter, LimitKey key, RateLimitConfig config, RateLimit[] limits, long ticksPerSecond)
    {
        _limiter = limiter;
        _key = key;
        _config = config;
        _ticksPerSecond = ticksPerSecond;
        _fields = Array.ConvertAll(limits, limit => FieldsOf(limiter.Name, limit));
    }

    public Verdict OnRequest(Exchange exchange)
    {
        bool isGranted = _limiter.TryTake(
            _key.Of(exchange), _config.Cost, exchange.Loop, out var state, out int which);
        if (isGranted || _config.Shadow)
        {
            if (_config.Fields == RateLimitFieldsMode.Always && !_config.Shadow)
                exchange.Response.Limit = NoteOf(state, which, retryAfter: 0);
            return Verdict.Continue;
        }
        exchange.Response.Limit = NoteOf(state, which, retryAfter: Math.Max(1, Seconds(state.WaitTicks)));
        exchange.ReplyOutcome = ExchangeOutcome.RateLimited;
        return Verdict.Reply;
    }

    public PolicyExplanation Explain(Exchange exchange)
    {
        long now = exchange.Loop.Time.GetTimestamp();
        bool isGranted = _limiter.WouldTake(_key.Of(exchange), _config.Cost, now, out var state, out int which);
        var rate = _config.Limits[which].Rate;
        string limit = $"{rate.Count} per {rate.Period.TotalSeconds:0.##} s, burst {_config.Limits[which].Burst}";
        string detail = isGranted
            ? $"the caller is within {limit}; {state.Remaining} would be left"
            : $"the caller has used up {limit}; the next is granted in {Seconds(state.WaitTicks)} s";
        return new PolicyExplanation(
            RateLimitConfig.Kind, _limiter.Name,
            isGranted || _config.Shadow ? PolicyExplanation.Continues : "reply 429",
            _config.Shadow && !isGranted ? detail + " (shadow: refuses nothing)" : detail)
        {
            Outcome = ExchangeOutcome.RateLimited,
        };
    }

    // draft-ietf-httpapi-ratelimit-headers: the policy's line, then the limit's up to the number that follows.
    private static byte[] FieldsOf(string name, RateLimit limit)
    {
        string quoted = $"\"{name}\"";
        return Encoding.ASCII.GetBytes(
            $"RateLimit-Policy: {quoted};q={limit.Count};w={limit.WindowSeconds}\r\nRateLimit: {quoted};r=");
    }

    private LimitNote NoteOf(in RateState state, int which, long retryAfter)
    {
        byte[]? fields = _config.Fields == RateLimitFieldsMode.Off ? null : _fields[which];
        return new LimitNote(fields, state.Remaining, Seconds(state.ResetTicks), retryAfter);
    }

    private long Seconds(long ticks) => (ticks + _ticksPerSecond - 1) / _ticksPerSecond;
}
