using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Compilation;

/// <summary>Either half may be null: a policy that only looks at requests costs responses nothing.</summary>
public readonly record struct CompiledPolicy(IRequestPolicy? Request, IResponsePolicy? Response)
{
    /// <summary>Puts itself in front of the route's integration; null for a policy that does not.</summary>
    public Func<IIntegration, IIntegration>? Around { get; init; }
}
