using System.Collections.Immutable;
using DataPlane.Config.Policies;
using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>
/// Binds the named <c>policies</c> and a route's references to them. Their content belongs to plug-ins.
/// </summary>
internal sealed class PolicyBinder(ConfigExtensions extensions, ConfigErrors errors)
{
    // In the format from its first day, so that an operator learns that they come, not that they are misspelt.
    private static readonly HashSet<string> s_later = new(StringComparer.Ordinal) { "cors" };

    private readonly Dictionary<string, NamedPolicyConfig?> _named = new(StringComparer.Ordinal);

    public ImmutableArray<NamedPolicyConfig> BindNamed(NodeReader root, GatewayConfigReferences references)
    {
        foreach (PlacedNode entry in root.Mapping("policies"))
        {
            string name = entry.Name!.Value;
            NameRules.Check(entry.Name, entry.Path, name, errors);
            // A policy with errors stays known by its name: routes that use it are not at fault.
            _named[name] = ReadKind(entry, references) is var (kind, node)
                ? new NamedPolicyConfig(name, kind, node, entry.Name.Mark)
                : null;
        }
        return [.. _named.Values.OfType<NamedPolicyConfig>()];
    }

    public ImmutableArray<PolicyReference> BindReferences(NodeReader route, GatewayConfigReferences references)
    {
        PlacedNodes items = route.List("policies");
        if (items.Count == 0) return [];
        var policies = ImmutableArray.CreateBuilder<PolicyReference>(items.Count);
        foreach (PlacedNode item in items)
        {
            if (item.Node is not ScalarNode { IsNull: false } name)
            {
                if (ReadKind(item, references) is var (kind, node))
                    policies.Add(new PolicyReference(null, kind, node, item.Node.Mark));
            }
            else if (!_named.TryGetValue(name.Value, out NamedPolicyConfig? policy))
            {
                string fix = errors.IsFull ? "" : NearestName.Suggest(name.Value, _named.Keys, "policies");
                errors.Add(name, item.Path, $"there is no policy {name.Quoted}", fix);
            }
            else if (policy is not null)
            {
                policies.Add(new PolicyReference(policy.Name, policy.Kind, policy.Node, name.Mark));
            }
        }
        if (policies.Count(static each => each.Kind == ConcurrencyLimitConfig.Kind) > 1)
        {
            route.Error(
                "policies", "has two concurrencyLimits, and a request is counted under one",
                "keep one, with a list as its key");
        }
        return policies.DrainToImmutable();
    }

    private (string Kind, ConfigNode Node)? ReadKind(PlacedNode policy, GatewayConfigReferences references)
    {
        if (policy.Node is not MappingNode { Entries: [var entry] })
        {
            bool hasSeveral = policy.Node is MappingNode { Entries.Count: > 1 };
            string what = hasSeveral ? "names more than one kind" : "names no kind";
            errors.Add(policy.Node, policy.Path, what, "write one kind and its settings: { kind: { ... } }");
            return null;
        }
        string kind = entry.Key.Value;
        NodePath path = policy.Path.Key(kind);
        if (extensions.Policies.TryGetValue(kind, out PolicyExtension? extension))
        {
            extension.Validate(entry.Value, path.ToString(), references, errors);
            return (kind, entry.Value);
        }
        if (s_later.Contains(kind))
        {
            errors.Add(entry.Key, path, "is not in this version", "remove it: this policy arrives in a later version");
            return null;
        }
        string fix = NearestName.Suggest(kind, extensions.Policies.Keys, "policies in this version");
        errors.Add(entry.Key, path, $"unknown policy {entry.Key.Quoted}", fix);
        return null;
    }
}
