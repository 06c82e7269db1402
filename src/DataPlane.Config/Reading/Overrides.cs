using System.Globalization;

namespace DataPlane.Config.Reading;

/// <summary>
/// Puts <c>--set a.b.c=VALUE</c> into the tree: keys separated by dots, list items by index or by their name or id.
/// Values are single YAML scalars and are substituted like those of the file. Missing mappings on the way are made.
/// </summary>
internal sealed class Overrides(Substitution substitution, ConfigErrors errors)
{
    public ConfigNode? Apply(ConfigNode? root, IReadOnlyDictionary<string, string> overrides)
    {
        foreach ((string key, string value) in overrides.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var mark = new SourceMark($"--set {key}", 1, 1);
            ScalarNode scalar = ReadValue(mark, key, value);
            if (root is null or ScalarNode { IsNull: true }) root = new MappingNode(mark);
            Problem? problem = Set(root, key.Split('.'), scalar);
            if (problem is not null) errors.Add(mark, key, problem.Message, problem.Fix);
        }
        return root;
    }

    private ScalarNode ReadValue(SourceMark mark, string key, string value)
    {
        // Plain text is taken as it is: brackets and colons of an address must not need a second kind of quoting.
        bool isQuoted = value.Length > 1 && value[0] is '"' or '\'';
        if (!isQuoted) return substitution.Apply(mark, value, isPlain: value.Length > 0, () => key, errors);
        var reader = new YamlTreeReader(mark.File, substitution, errors);
        ConfigNode? node = reader.Read(value, out bool isBroken);
        if (node is ScalarNode scalar) return scalar;
        if (!isBroken) errors.Add(mark, key, "is not a single value", "write one value");
        return new ScalarNode(mark, "", isPlain: false) { IsUnresolved = true };
    }

    private static Problem? Set(ConfigNode node, ReadOnlySpan<string> steps, ScalarNode value)
    {
        while (true)
        {
            if (node is SequenceNode list)
            {
                int index = IndexOf(list, steps[0]);
                if (index < 0)
                {
                    return new Problem(
                        $"the list has no item {ScalarNode.Quote(steps[0])}",
                        "name an item by its index from 0, its name or its id");
                }
                steps = steps[1..];
                if (steps.IsEmpty)
                {
                    list.Replace(index, value);
                    return null;
                }
                node = list.Settle(index);
                continue;
            }
            if (node is not MappingNode mapping)
                return new Problem("goes through a single value", "name a key of a mapping or an item of a list");
            int taken = KeyLength(mapping, steps);
            string key = string.Join('.', steps[..taken].ToArray());
            steps = steps[taken..];
            if (key.Length == 0) return new Problem("has an empty key", "write KEY=VALUE with keys separated by dots");
            if (steps.IsEmpty)
            {
                mapping.Set(KeyNode(mapping, key, value.Mark), value);
                return null;
            }
            if (mapping.Find(key)?.Value is not { } next || next is ScalarNode { IsNull: true })
            {
                next = new MappingNode(value.Mark);
                mapping.Set(KeyNode(mapping, key, value.Mark), next);
            }
            node = next;
        }
    }

    private static ScalarNode KeyNode(MappingNode mapping, string key, SourceMark mark) =>
        mapping.Find(key)?.Key ?? new ScalarNode(mark, key, isPlain: true);

    // Names may contain dots themselves, so the longest key that exists wins; a new key is one step.
    private static int KeyLength(MappingNode mapping, ReadOnlySpan<string> steps)
    {
        for (int length = steps.Length; length > 1; length--)
        {
            if (mapping.Find(string.Join('.', steps[..length].ToArray())) is not null) return length;
        }
        return 1;
    }

    private static int IndexOf(SequenceNode list, string step)
    {
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i] is not MappingNode item) continue;
            ConfigNode? name = (item.Find("name") ?? item.Find("id"))?.Value;
            if (name is ScalarNode scalar && scalar.Value == step) return i;
        }
        bool isIndex = int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        return isIndex && index < list.Items.Count ? index : -1;
    }
}
