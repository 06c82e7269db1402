using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>Finds the kind of a route's <c>to</c> and lets that kind's validator check the rest.</summary>
internal sealed class TargetBinder(ConfigExtensions extensions, ConfigErrors errors)
{
    public TargetConfig? Bind(NodeReader route, GatewayConfigReferences references)
    {
        // An absent key is reported as missing by the route's reader.
        if (route.Node("to") is not { } node) return null;
        NodePath path = route.PathOf("to");
        if (node is not MappingNode mapping)
        {
            errors.Add(node, path, $"is {node.Description}", "write the kind and its settings: { upstream: NAME }");
            return null;
        }
        string? kind = null;
        for (int i = 0; i < mapping.Entries.Count; i++)
        {
            ScalarNode key = mapping.Entries[i].Key;
            if (!extensions.Targets.ContainsKey(key.Value)) continue;
            if (kind is not null)
            {
                errors.Add(key, path, $"names both '{kind}' and '{key.Value}'", "keep one of them");
                return null;
            }
            kind = key.Value;
        }
        if (kind is null)
        {
            AddUnknownKind(mapping, path);
            return null;
        }
        object? settings = extensions.Targets[kind].Read(mapping, path, references, errors);
        return settings is null ? null : new TargetConfig(kind, settings, mapping.Mark);
    }

    private void AddUnknownKind(MappingNode mapping, NodePath path)
    {
        if (mapping.Entries.Count == 0)
        {
            errors.Add(mapping, path, "names no target", NearestName.Suggest("", extensions.Targets.Keys, "targets"));
            return;
        }
        ScalarNode? lambda = mapping.Entries
            .Select(entry => entry.Key)
            .FirstOrDefault(key => key.Value is "lambda");
        if (lambda is not null)
        {
            errors.Add(
                lambda, path.Key(lambda.Value), "is not a target",
                "write { function: NAME }, and lambda: ARN under functions.NAME");
            return;
        }
        ScalarNode first = mapping.Entries[0].Key;
        string fix = errors.IsFull ? "" : NearestName.Suggest(first.Value, extensions.Targets.Keys, "targets");
        errors.Add(first, path.Key(first.Value), $"unknown target {first.Quoted}", fix);
    }
}
