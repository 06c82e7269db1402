using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>Finds the kind of a route's <c>to</c> and lets that kind's validator check the rest.</summary>
internal sealed class TargetBinder(ConfigExtensions extensions, ConfigErrors errors)
{
    public TargetConfig? Bind(NodeReader route, GatewayConfigReferences references)
    {
        // An absent key is reported as missing by the route's reader.
        if (route.Node("to") is not { } node) return null;
        string path = route.PathOf("to");
        if (node is not MappingNode mapping)
        {
            errors.Add(node, path, $"is {node.Description}", "write the kind and its settings: { upstream: NAME }");
            return null;
        }
        var kinds = mapping.Entries.Where(entry => extensions.Targets.ContainsKey(entry.Key.Value)).ToList();
        if (kinds.Count > 1)
        {
            errors.Add(
                kinds[1].Key, path, $"names both '{kinds[0].Key.Value}' and '{kinds[1].Key.Value}'",
                "keep one of them");
            return null;
        }
        if (kinds.Count == 0)
        {
            AddUnknownKind(mapping, path);
            return null;
        }
        string kind = kinds[0].Key.Value;
        extensions.Targets[kind].Validate(mapping, path, references, errors);
        return new TargetConfig(kind, mapping, mapping.Mark);
    }

    private void AddUnknownKind(MappingNode mapping, string path)
    {
        if (mapping.Entries.Count == 0)
        {
            errors.Add(mapping, path, "names no target", NearestName.Suggest("", extensions.Targets.Keys, "targets"));
            return;
        }
        MappingEntry? later = mapping.Entries.FirstOrDefault(entry => entry.Key.Value is "function" or "lambda");
        if (later is not null)
        {
            errors.Add(
                later.Key, PathText.Key(path, later.Key.Value), "is not in this version",
                "use another target: functions arrive in a later version");
            return;
        }
        ScalarNode first = mapping.Entries[0].Key;
        string fix = errors.IsFull ? "" : NearestName.Suggest(first.Value, extensions.Targets.Keys, "targets");
        errors.Add(first, PathText.Key(path, first.Value), $"unknown target {first.Quoted}", fix);
    }
}
