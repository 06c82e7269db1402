using DataPlane.Config;
using DataPlane.Config.Policies;
using DataPlane.Gateway.Policies.RateLimiting;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// <c>concurrencyLimit: ...</c>. A named policy has one account per caller over all routes that use it; one written in
/// place belongs to its route. Accounts go on over reloads, also under another number.
/// </summary>
internal sealed class ConcurrencyLimitPolicyFactory : IPolicyFactory
{
    public string Kind => ConcurrencyLimitConfig.Kind;

    public CompiledPolicy Build(PolicyReference policy, RouteConfig route, CompilationContext context)
    {
        if (!ConcurrencyLimitConfig.TryRead(policy.Node, route.Id, new ConfigErrors(), out var config))
            throw new InvalidOperationException("A policy that was not validated.");
        string name = PolicyNames.Of(policy, route);
        var limiter = context.ConcurrencyLimiters.Find(each => each.Name == name);
        if (limiter is null)
        {
            string settings = $"{string.Join('|', config.Key)}/{config.Ipv6Prefix}/{config.Callers}";
            limiter = new ConcurrencyLimiter(
                context.State.Keep(name, settings, () => new ConcurrencyTable(config.Callers)),
                context.State.Keep($"{name}\nunderWay", settings: null, () => new RefusalCount(context.LoopCount)))
            {
                Name = name,
                Most = config.MaxRequests,
                IsShadow = config.Shadow,
            };
            context.ConcurrencyLimiters.Add(limiter);
        }
        var key = new LimitKey(config.Key, config.Ipv6Prefix, route.Id);
        return new CompiledPolicy(new ConcurrencyLimitPolicy(limiter, key), Response: null);
    }
}
