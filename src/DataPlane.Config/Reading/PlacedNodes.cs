namespace DataPlane.Config.Reading;

/// <summary>
/// The values of a list or map, each with its place, for one <c>foreach</c>. None for any other node. 0 bytes until a
/// value is taken.
/// </summary>
public readonly struct PlacedNodes
{
    private readonly ConfigNode? _collection;
    private readonly NodePath? _path;

    internal PlacedNodes(ConfigNode collection, NodePath path)
    {
        _collection = collection;
        _path = path;
    }

    public int Count => _collection switch
    {
        SequenceNode list => list.Unread.Count,
        MappingNode mapping => mapping.Entries.Count,
        _ => 0,
    };

    internal PlacedNode this[int index]
    {
        get
        {
            if (_collection is SequenceNode list)
            {
                ConfigNode item = list.Unread[index];
                return new PlacedNode(item is DeferredNode later ? later.Read() : item, _path!.Item(index), null);
            }
            MappingEntry entry = ((MappingNode)_collection!).Entries[index];
            return new PlacedNode(entry.Value, _path!.Key(entry.Key.Value), entry.Key);
        }
    }

    /// <summary>The value of a list as it is kept, perhaps not read yet; null in a map.</summary>
    internal ConfigNode? Unread(int index) => (_collection as SequenceNode)?.Unread[index];

    public Enumerator GetEnumerator() => new(this);

    public struct Enumerator
    {
        private readonly PlacedNodes _nodes;
        private int _index;

        internal Enumerator(PlacedNodes nodes)
        {
            _nodes = nodes;
            _index = -1;
        }

        public readonly PlacedNode Current => _nodes[_index];

        public bool MoveNext() => ++_index < _nodes.Count;
    }
}
