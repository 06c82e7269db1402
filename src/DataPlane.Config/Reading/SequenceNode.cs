namespace DataPlane.Config.Reading;

/// <summary>A list, in the order written.</summary>
public sealed class SequenceNode : ConfigNode
{
    private readonly List<ConfigNode> _items = [];

    internal SequenceNode(SourceMark mark)
        : base(mark)
    {
    }

    /// <summary>An item of a long list is read each time it is asked for: take it once.</summary>
    public IReadOnlyList<ConfigNode> Items => field ??= new ReadItems(_items);

    public override string Description => "a list";

    /// <summary>The items with those among them that are not read yet.</summary>
    internal IReadOnlyList<ConfigNode> Unread => _items;

    internal void Add(ConfigNode item) => _items.Add(item);

    /// <summary>The item, which stays read: the caller may change it.</summary>
    internal ConfigNode Settle(int index) => _items[index] = Items[index];

    internal void Replace(int index, ConfigNode item) => _items[index] = item;

    private sealed class ReadItems(List<ConfigNode> items) : IReadOnlyList<ConfigNode>
    {
        public int Count => items.Count;

        public ConfigNode this[int index] => items[index] is DeferredNode later ? later.Read() : items[index];

        public IEnumerator<ConfigNode> GetEnumerator()
        {
            for (int i = 0; i < items.Count; i++) yield return this[i];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
