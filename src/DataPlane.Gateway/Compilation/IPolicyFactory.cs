using DataPlane.Config;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// The cold twin of the policies: builds one kind under <c>policies:</c>; see <see cref="IIntegrationFactory"/>.
/// </summary>
public interface IPolicyFactory
{
    string Kind { get; }

    CompiledPolicy Build(PolicyReference policy, RouteConfig route, CompilationContext context);
}
