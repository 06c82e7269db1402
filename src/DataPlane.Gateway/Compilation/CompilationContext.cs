using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Compilation;

/// <summary>What factories may use while a snapshot is compiled.</summary>
public sealed record CompilationContext(
    GatewayConfig Config,
    IReadOnlyDictionary<string, Upstream> Upstreams,
    GatewayConfigReferences References,
    StateTable State,
    TimeProvider Time)
{
    public static ImmutableArray<string> CapturesOf(RouteConfig route) => route.Match.Path.Captures;

    public GatewayConfigReferences ReferencesOf(RouteConfig route) => References.WithCaptures(CapturesOf(route));
}
