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
        var read = (SplitTarget)target.Settings;
        var sides = new List<(int Weight, IIntegration Integration)>();
        foreach (var share in read.Shares)
        {
            sides.Add((share.Weight, UpstreamTargetFactory.Build(share.Upstream, share.Rewrite, route, context)));
        }
        return new SplitIntegration(sides);
    }
}
