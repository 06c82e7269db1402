using System.Text;
using DataPlane.Config;
using DataPlane.Config.Policies;
using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Caching;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// <c>cache: ...</c>: goes around the route's integration. What is stored is kept apart by route and outlives
/// reloads; the memory is one for all routes.
/// </summary>
internal sealed class CachePolicyFactory : IPolicyFactory
{
    public string Kind => CacheConfig.Kind;

    public CompiledPolicy Build(PolicyReference policy, RouteConfig route, CompilationContext context)
    {
        var rules = RulesOf(CacheConfig.Read(policy.Node, route.Id, new ConfigErrors()), route, context);
        var cache = context.ResponseCache;
        var tally = context.State.Keep(route.Id, settings: null, () => new CacheTally(context.LoopCount));
        context.CacheTallies.Add((route.Id, tally));
        return new CompiledPolicy(Request: null, Response: null)
        {
            Around = inner => new CachingIntegration(cache, rules, tally, inner),
        };
    }

    private static CacheRules RulesOf(
        CacheConfig config, RouteConfig route, CompilationContext context) => new()
        {
            Space = Encoding.UTF8.GetBytes(route.Id),
            Freshness = new FreshnessRules
            {
                Ttl = config.Ttl is { } ttl ? Seconds(ttl) : -1,
                ForcesTtl = config.Override,
                HeuristicShare = config.Heuristic,
                HeuristicMost = Seconds(config.HeuristicMaximum),
            },
            QueryNames = config.Query?.Select(Encoding.ASCII.GetBytes).ToArray(),
            FieldNames = Encoding.ASCII.GetBytes(
            string.Concat(config.Headers.Select(name => name.ToLowerInvariant() + ","))),
            ByConsumer = config.Consumer,
            ByCertificate = context.Config.Forwarding.ClientCertificate,
            HonoursClients = config.HonoursClients,
            SetCookie = config.SetCookie,
            StaleWhileRevalidateMs = (long)config.StaleWhileRevalidate.TotalMilliseconds,
            StaleIfErrorMs = (long)config.StaleIfError.TotalMilliseconds,
            WaitMs = (int)config.Wait.TotalMilliseconds,
            ShowsStatus = config.Status,
        };

    private static int Seconds(TimeSpan span) => (int)Math.Min(int.MaxValue, span.TotalSeconds);
}
