using DataPlane.Config;
using DataPlane.Config.Policies;
using DataPlane.Gateway.Policies.RateLimiting;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// <c>rateLimit: ...</c>. A named policy has one account per caller over all routes that use it; one written in place
/// belongs to its route. Accounts go on over reloads, also under another rate.
/// </summary>
internal sealed class RateLimitPolicyFactory : IPolicyFactory
{
    public string Kind => RateLimitConfig.Kind;

    public CompiledPolicy Build(PolicyReference policy, RouteConfig route, CompilationContext context)
    {
        if (!RateLimitConfig.TryRead(policy.Node, route.Id, new ConfigErrors(), out var config))
            throw new InvalidOperationException("A policy that was not validated.");
        string name = PolicyNames.Of(policy, route);
        long ticks = context.Time.TimestampFrequency;
        var limits = config.Limits
            .Select(each => new RateLimit(each.Rate.Count, each.Rate.Period, each.Burst, ticks)).ToArray();
        var limiter = context.RateLimiters.Find(each => each.Name == name);
        if (limiter is null)
        {
            limiter = new RateLimiter(
                limits, StoresOf(name, config, context),
                context.State.Keep(name, settings: null, () => new RefusalCount(context.LoopCount)))
            {
                Name = name,
                IsShadow = config.Shadow,
            };
            context.RateLimiters.Add(limiter);
        }
        var key = new LimitKey(config.Key, config.Ipv6Prefix, route.Id);
        return new CompiledPolicy(new RateLimitPolicy(limiter, key, config, limits, ticks), Response: null);
    }

    private static IRateStore[] StoresOf(string name, RateLimitConfig config, CompilationContext context)
    {
        // Another key means other callers; another rate does not.
        string settings = $"{string.Join('|', config.Key)}/{config.Ipv6Prefix}/{config.Callers}";
        return
        [
            .. config.Limits.Select((_, index) => context.State.Keep(
                $"{name}\n{index}", settings, () => new GcraTable(config.Callers))),
        ];
    }
}
