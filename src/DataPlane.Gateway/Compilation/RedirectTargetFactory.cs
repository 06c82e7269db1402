using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Integrations.Redirect;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Compilation;

/// <summary><c>to: { redirect: ... }</c>.</summary>
internal sealed class RedirectTargetFactory : IIntegrationFactory
{
    public string Kind => RedirectTarget.Kind;

    public IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context)
    {
        var read = (RedirectTarget)target.Settings;
        var captures = CompilationContext.CapturesOf(route);
        return new RedirectIntegration(
            read.Status, CompiledTemplate.Compile(read.Location, captures, TemplateTarget.Uri));
    }

    public IIntegration Rebuild(
        IIntegration before, TargetConfig target, RouteConfig route, CompilationContext context) => before;
}
