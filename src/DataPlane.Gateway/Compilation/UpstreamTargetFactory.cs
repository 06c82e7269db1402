using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Compilation;

/// <summary><c>to: { upstream: ... }</c>.</summary>
internal sealed class UpstreamTargetFactory : IIntegrationFactory
{
    public string Kind => UpstreamTarget.Kind;

    public IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context)
    {
        var errors = new ConfigErrors();
        UpstreamTarget.TryRead(target.Node, route.Id, errors, context.ReferencesOf(route), out var read);
        return Build(read.Upstream, read.Rewrite, route, context);
    }

    public IIntegration Rebuild(
        IIntegration before, TargetConfig target, RouteConfig route, CompilationContext context) =>
        before is HttpIntegration http ? http.With(context.Upstreams) : Build(target, route, context);

    public static HttpIntegration Build(
        string upstream, ValueTemplate? rewrite, RouteConfig route, CompilationContext context)
    {
        var compiled = rewrite is null
            ? null
            : CompiledTemplate.Compile(rewrite, CompilationContext.CapturesOf(route), TemplateTarget.Uri);
        return new HttpIntegration(context.Upstreams[upstream], compiled, context.Time);
    }
}
