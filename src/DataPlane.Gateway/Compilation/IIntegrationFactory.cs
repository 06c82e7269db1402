using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// The cold twin of <see cref="IIntegration"/>: builds one kind of <c>to:</c>. Its validation and its part of the
/// schema are registered under the same kind in <see cref="ConfigExtensions"/>, so that <c>check</c> needs no data
/// plane.
/// Lambda and AI integrations plug in here like the built-in ones.
/// </summary>
public interface IIntegrationFactory
{
    /// <summary>The key under <c>to:</c> that names this integration.</summary>
    string Kind { get; }

    /// <summary>Builds from a target that validation found nothing wrong with.</summary>
    IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context);

    /// <summary>
    /// The same as <see cref="Build"/> for a route that has not changed: <paramref name="before"/> is what an earlier
    /// snapshot has, whose upstreams are not this one's. Returns it when nothing in it belongs to a snapshot.
    /// </summary>
    IIntegration Rebuild(
        IIntegration before, TargetConfig target, RouteConfig route, CompilationContext context) =>
        Build(target, route, context);
}
