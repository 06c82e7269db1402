using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Integrations.Split;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Compilation;

/// <summary><c>to: { split: [ ... ] }</c>.</summary>
internal sealed class SplitTargetFactory : IIntegrationFactory
{
    public string Kind => SplitTarget.Kind;

    public IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context)
    {
        var errors = new ConfigErrors();
        SplitTarget.TryRead(target.Node, route.Id, errors, context.ReferencesOf(route), out var read);
        var sides = new List<(int Weight, IIntegration Integration)>();
        foreach (var share in read.Shares)
        {
            sides.Add((share.Weight, UpstreamTargetFactory.Build(share.Upstream, share.Rewrite, route, context)));
        }
        return new SplitIntegration(sides);
    }
}
