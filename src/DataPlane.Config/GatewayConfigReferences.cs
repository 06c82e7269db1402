using System.Collections.Immutable;
using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// What a part of the file may refer to: the upstreams there are, and the captures of the route's path.
/// </summary>
public sealed class GatewayConfigReferences
{
    internal GatewayConfigReferences(
        IReadOnlySet<string> upstreams, IReadOnlySet<string> functions, ImmutableArray<string> captures)
    {
        Upstreams = upstreams;
        Functions = functions;
        Captures = captures;
    }

    public IReadOnlySet<string> Upstreams { get; }

    public IReadOnlySet<string> Functions { get; }

    /// <summary>Names a template may use in braces besides the fixed ones; none in a named policy.</summary>
    public ImmutableArray<string> Captures { get; }

    /// <summary>The same with a route's captures.</summary>
    public GatewayConfigReferences WithCaptures(ImmutableArray<string> captures) =>
        new(Upstreams, Functions, captures);

    /// <summary>False, with an error, when no upstream has the name the node holds.</summary>
    public bool TryUpstream(ConfigNode node, NodePath path, ConfigErrors errors, out string name)
    {
        if (!ScalarReader.TryText(node, path, errors, out name)) return false;
        if (Upstreams.Contains(name)) return true;
        string fix = errors.IsFull ? "" : NearestName.Suggest(name, Upstreams, "upstreams");
        errors.Add(node, path, $"there is no upstream {ScalarReader.Quoted(node)}", fix);
        return false;
    }

    /// <summary>False, with an error, when no function has the name the node holds.</summary>
    public bool TryFunction(ConfigNode node, NodePath path, ConfigErrors errors, out string name)
    {
        if (!ScalarReader.TryText(node, path, errors, out name)) return false;
        if (Functions.Contains(name)) return true;
        string fix = errors.IsFull ? "" : NearestName.Suggest(name, Functions, "functions");
        errors.Add(node, path, $"there is no function {ScalarReader.Quoted(node)}", fix);
        return false;
    }
}
