using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Targets;

/// <summary>
/// <c>to: { split: [ { weight: 95, upstream: a }, { weight: 5, upstream: b } ] }</c>: shares by weight.
/// </summary>
public sealed record SplitTarget(ImmutableArray<SplitShare> Shares)
{
    public const string Kind = "split";

    private const int MostWeight = 1000;

    private static readonly KeyTable s_shareKeys = new(
        new ConfigKey("weight", ValueShape.Integer(0, MostWeight), "Share relative to the other weights.")
        {
            Required = true,
        },
        new ConfigKey("upstream", ValueShape.String, "Name of the upstream.") { Required = true },
        new ConfigKey("rewrite", ValueShape.String, RewriteReader.Summary));

    public static KeyTable Keys { get; } = new(
        new ConfigKey(Kind, ValueShape.List(ValueShape.Section(s_shareKeys)), "Upstreams and their shares.")
        {
            Required = true,
        });

    /// <summary>Reads the mapping under <c>to</c>; null when errors were added.</summary>
    internal static object? Read(
        ConfigNode node, NodePath path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, references, out SplitTarget target) ? target : null;

    private static bool TryRead(
        ConfigNode node, NodePath path, ConfigErrors errors, GatewayConfigReferences references, out SplitTarget target)
    {
        var reader = new NodeReader(node, path, Keys, errors);
        var shares = ImmutableArray.CreateBuilder<SplitShare>();
        bool isGood = reader.Node(Kind) is SequenceNode;
        foreach (PlacedNode item in reader.List(Kind))
        {
            isGood &= TryReadShare(item, errors, references, out SplitShare share);
            shares.Add(share);
        }
        if (isGood && shares.Count == 0)
        {
            reader.Error(Kind, "the list is empty", "add an upstream and its weight");
            isGood = false;
        }
        if (isGood && shares.Sum(share => share.Weight) == 0)
        {
            reader.Error(Kind, "the weights sum to 0", "give at least one upstream a weight above 0");
            isGood = false;
        }
        target = new SplitTarget(shares.ToImmutable());
        return isGood;
    }

    private static bool TryReadShare(
        PlacedNode item, ConfigErrors errors, GatewayConfigReferences references, out SplitShare share)
    {
        var reader = new NodeReader(item.Node, item.Path, s_shareKeys, errors);
        string name = "";
        bool isKnown = reader.Node("upstream") is { } upstream
            && references.TryUpstream(upstream, reader.PathOf("upstream"), errors, out name);
        ConfigNode? written = reader.Node("rewrite");
        ValueTemplate? rewrite = RewriteReader.Read(written, reader.PathOf("rewrite"), references, errors);
        share = new SplitShare(reader.Int("weight"), name, rewrite);
        return isKnown && (written is null || rewrite is not null);
    }
}
