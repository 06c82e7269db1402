using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Targets;

/// <summary><c>to: { upstream: users, rewrite: "/v2/users/{id}" }</c>: exchanges go to one upstream.</summary>
public sealed record UpstreamTarget(string Upstream, ValueTemplate? Rewrite)
{
    public const string Kind = "upstream";

    public static KeyTable Keys { get; } = new(
        new ConfigKey(Kind, ValueShape.String, "Name of the upstream.") { Required = true },
        new ConfigKey("rewrite", ValueShape.String, RewriteReader.Summary));

    /// <summary>Reads the mapping under <c>to</c>; null when errors were added.</summary>
    internal static object? Read(
        ConfigNode node, NodePath path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, references, out UpstreamTarget target) ? target : null;

    private static bool TryRead(
        ConfigNode node,
        NodePath path,
        ConfigErrors errors,
        GatewayConfigReferences references,
        out UpstreamTarget target)
    {
        var reader = new NodeReader(node, path, Keys, errors);
        string name = "";
        bool isKnown = reader.Node(Kind) is { } upstream
            && references.TryUpstream(upstream, reader.PathOf(Kind), errors, out name);
        ConfigNode? written = reader.Node("rewrite");
        ValueTemplate? rewrite = RewriteReader.Read(written, reader.PathOf("rewrite"), references, errors);
        target = new UpstreamTarget(name, rewrite);
        return isKnown && (written is null || rewrite is not null);
    }
}
