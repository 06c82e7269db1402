namespace DataPlane.Config.Reading;

/// <summary>
/// Puts the trees of several files into one: lists follow each other, mappings are united. What two files both say is
/// an error at the second place, which names the first.
/// </summary>
internal sealed class TreeMerge(MappingNode outermost, ConfigErrors errors)
{
    public MappingNode Root { get; } = new(outermost.Mark);

    /// <summary>Adds every key but <paramref name="without"/>.</summary>
    public void Add(MappingNode file, string without)
    {
        foreach (MappingEntry entry in file.Entries)
        {
            if (entry.Key.Value == without) continue;
            if (Root.Find(entry.Key.Value) is not { Value: not ScalarNode { IsNull: true } } present)
                Root.Set(entry.Key, Own(entry.Value));
            else if (entry.Value is not ScalarNode { IsNull: true }) Unite(present, entry);
        }
    }

    // The trees of files are kept as they were read: only copies grow.
    private static ConfigNode Own(ConfigNode node)
    {
        switch (node)
        {
            case SequenceNode list:
                var items = new SequenceNode(list.Mark);
                foreach (ConfigNode item in list.Unread) items.Add(item);
                return items;
            case MappingNode mapping:
                var entries = new MappingNode(mapping.Mark);
                foreach (MappingEntry entry in mapping.Entries) entries.TryAdd(entry.Key, entry.Value);
                return entries;
            default:
                return node;
        }
    }

    private void Unite(MappingEntry present, MappingEntry added)
    {
        if (present.Value is SequenceNode list && added.Value is SequenceNode more)
        {
            foreach (ConfigNode item in more.Unread) list.Add(item);
        }
        else if (present.Value is MappingNode mapping && added.Value is MappingNode others)
        {
            foreach (MappingEntry entry in others.Entries)
            {
                if (mapping.TryAdd(entry.Key, entry.Value)) continue;
                ScalarNode first = mapping.Find(entry.Key.Value)!.Value.Key;
                AddTwice(entry.Key, NodePath.FromString(added.Key.Value).Key(entry.Key.Value), first);
            }
        }
        else
        {
            AddTwice(added.Key, added.Key.Value, present.Key);
        }
    }

    private void AddTwice(ScalarNode second, NodePath path, ScalarNode first) => errors.Add(
        second, path, $"is already {first.Mark.SeenFrom(second.Mark)}", "keep one of the two");
}
