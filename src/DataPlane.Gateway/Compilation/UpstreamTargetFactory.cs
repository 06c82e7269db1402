using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Integrations.Http2;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Compilation;

/// <summary><c>to: { upstream: ... }</c>.</summary>
internal sealed class UpstreamTargetFactory : IIntegrationFactory
{
    public string Kind => UpstreamTarget.Kind;

    public IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context)
    {
        var read = (UpstreamTarget)target.Settings;
        return Build(read.Upstream, read.Rewrite, route, context);
    }

    public IIntegration Rebuild(
        IIntegration before, TargetConfig target, RouteConfig route, CompilationContext context) => before switch
        {
            // The route is the same, but its upstream may speak another protocol now.
            HttpIntegration http when context.Upstreams[http.UpstreamName].Http2 is null =>
                http.With(context.Upstreams),
            Http2Integration http when context.Upstreams[http.UpstreamName].Http2 is not null =>
                http.With(context.Upstreams),
            _ => Build(target, route, context),
        };

    public static IIntegration Build(
        string upstream, ValueTemplate? rewrite, RouteConfig route, CompilationContext context)
    {
        var compiled = rewrite is null
            ? null
            : CompiledTemplate.Compile(rewrite, CompilationContext.CapturesOf(route), TemplateTarget.Uri);
        var to = context.Upstreams[upstream];
        return to.Http2 is null
            ? new HttpIntegration(to, compiled, context.Time)
            : new Http2Integration(to, compiled, route.GrpcWeb, context.Time);
    }
}
