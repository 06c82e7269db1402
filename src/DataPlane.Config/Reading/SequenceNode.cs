namespace DataPlane.Config.Reading;

/// <summary>A list, in the order written.</summary>
public sealed class SequenceNode : ConfigNode
{
    private readonly List<ConfigNode> _items = [];

    internal SequenceNode(SourceMark mark)
        : base(mark)
    {
    }

    public IReadOnlyList<ConfigNode> Items => _items;

    public override string Description => "a list";

    internal void Add(ConfigNode item) => _items.Add(item);

    internal void Replace(int index, ConfigNode item) => _items[index] = item;
}
