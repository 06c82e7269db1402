namespace DataPlane.Config.Reading;

/// <summary>Keys and values in the order written; no key twice.</summary>
public sealed class MappingNode : ConfigNode
{
    // Most mappings have a handful of keys: scanning them costs less memory than a table for each.
    private const int ScannedEntries = 8;

    private readonly List<MappingEntry> _entries = [];
    private Dictionary<string, int>? _indexByKey;

    internal MappingNode(SourceMark mark)
        : base(mark)
    {
    }

    public IReadOnlyList<MappingEntry> Entries => _entries;

    public override string Description => "a mapping";

    public MappingEntry? Find(string key)
    {
        int index = IndexOf(key);
        return index < 0 ? null : _entries[index];
    }

    /// <summary>False, and nothing changes, when the key is already there.</summary>
    internal bool TryAdd(ScalarNode key, ConfigNode value)
    {
        if (IndexOf(key.Value) >= 0) return false;
        _indexByKey?.Add(key.Value, _entries.Count);
        _entries.Add(new MappingEntry(key, value));
        if (_indexByKey is null && _entries.Count > ScannedEntries)
        {
            _indexByKey = new Dictionary<string, int>(StringComparer.Ordinal);
            for (int i = 0; i < _entries.Count; i++) _indexByKey.Add(_entries[i].Key.Value, i);
        }
        return true;
    }

    internal void Set(ScalarNode key, ConfigNode value)
    {
        int index = IndexOf(key.Value);
        if (index < 0) TryAdd(key, value);
        else _entries[index] = new MappingEntry(key, value);
    }

    private int IndexOf(string key)
    {
        if (_indexByKey is not null) return _indexByKey.TryGetValue(key, out int found) ? found : -1;
        for (int i = 0; i < _entries.Count; i++)
        {
            if (string.Equals(_entries[i].Key.Value, key, StringComparison.Ordinal)) return i;
        }
        return -1;
    }
}
