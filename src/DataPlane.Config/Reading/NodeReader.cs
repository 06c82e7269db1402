using System.Diagnostics;
using System.Globalization;
using System.Net;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Reading;

/// <summary>
/// Typed access to one section. Unknown and missing keys are reported when it is made, wrong values when they are
/// read; a wrong or absent value reads as the key's default, so that binding goes on and finds the next error.
/// </summary>
public sealed class NodeReader
{
    private readonly MappingNode? _mapping;
    private readonly KeyTable _keys;
    private readonly ConfigErrors _errors;

    /// <summary>A null node, or one written as nothing, is a section of defaults.</summary>
    public NodeReader(ConfigNode? node, NodePath path, KeyTable keys, ConfigErrors errors)
        : this(node, path, keys, errors, new SourceMark("", 1, 1))
    {
    }

    private NodeReader(ConfigNode? node, NodePath path, KeyTable keys, ConfigErrors errors, SourceMark parentMark)
    {
        Path = path;
        _keys = keys;
        _errors = errors;
        _mapping = node as MappingNode;
        Mark = node?.Mark ?? parentMark;
        bool isAbsent = node is null or ScalarNode { IsNull: true };
        if (_mapping is null && !isAbsent)
            errors.Add(node!, path, $"is {node!.Description}", $"write a mapping of {string.Join(", ", keys.Names)}");
        if (_mapping is not null) CheckKeys(_mapping);
        if (_mapping is not null || (isAbsent && node is not null)) CheckRequired(node!);
    }

    public NodePath Path { get; }

    /// <summary>The section's place, or its parent's when it is absent.</summary>
    public SourceMark Mark { get; }

    public NodePath PathOf(string key) => Path.Key(key);

    /// <summary>The key's value; null when absent or written as nothing.</summary>
    public ConfigNode? Node(string key)
    {
        Debug.Assert(_keys.Find(key) is not null, $"'{key}' is not in the section's table");
        return _mapping?.Find(key)?.Value is { } value and not ScalarNode { IsNull: true } ? value : null;
    }

    public void Error(string key, string message, string fix)
    {
        if (Node(key) is { } node) _errors.Add(node, PathOf(key), message, fix);
        else _errors.Add(Mark, PathOf(key), message, fix);
    }

    /// <summary>The text, or the default, or "" when there is neither.</summary>
    public string String(string key) => OptionalString(key) ?? DefaultOf(key) ?? "";

    public string? OptionalString(string key) =>
        Node(key) is { } node && ScalarReader.TryText(node, PathOf(key), _errors, out string text) ? text : null;

    public bool Bool(string key) =>
        Node(key) is { } node && ScalarReader.TryBool(node, PathOf(key), _errors, out bool value)
            ? value
            : DefaultOf(key) == "true";

    public int Int(string key) =>
        Node(key) is { } node && ScalarReader.TryInteger(node, PathOf(key), ShapeOf(key), _errors, out long value)
            ? (int)value
            : int.Parse(DefaultOf(key) ?? "0", CultureInfo.InvariantCulture);

    public double Number(string key) =>
        Node(key) is { } node && ScalarReader.TryNumber(node, PathOf(key), ShapeOf(key), _errors, out double value)
            ? value
            : double.Parse(DefaultOf(key) ?? "0", CultureInfo.InvariantCulture);

    public TimeSpan Duration(string key)
    {
        if (OptionalDuration(key) is { } value) return value;
        return QuantityText.TryDuration(DefaultOf(key) ?? "0s", out TimeSpan standard) ? standard : default;
    }

    public TimeSpan? OptionalDuration(string key) =>
        Node(key) is { } node && ScalarReader.TryDuration(node, PathOf(key), ShapeOf(key), _errors, out TimeSpan value)
            ? value
            : null;

    /// <summary>Bytes.</summary>
    public long Size(string key)
    {
        if (OptionalSize(key) is { } value) return value;
        return QuantityText.TrySize(DefaultOf(key) ?? "0", out long standard) ? standard : 0;
    }

    public long? OptionalSize(string key) =>
        Node(key) is { } node && ScalarReader.TrySize(node, PathOf(key), ShapeOf(key), _errors, out long value)
            ? value
            : null;

    public Rate Rate(string key)
    {
        if (Node(key) is { } node && ScalarReader.TryRate(node, PathOf(key), _errors, out Rate value)) return value;
        return QuantityText.TryRate(DefaultOf(key) ?? "0/s", out Rate standard) ? standard : default;
    }

    /// <summary>A share from 0 to 1.</summary>
    public double Percent(string key)
    {
        if (Node(key) is { } node && ScalarReader.TryPercent(node, PathOf(key), _errors, out double part)) return part;
        return QuantityText.TryPercent(DefaultOf(key) ?? "0%", out double standard) ? standard : 0;
    }

    /// <summary>One of the names of the key's choice.</summary>
    public string Choice(string key) =>
        Node(key) is { } node && ScalarReader.TryChoice(node, PathOf(key), ShapeOf(key), _errors, out string name)
            ? name
            : DefaultOf(key)!;

    /// <summary>The key's choice as the enum member of the same name.</summary>
    public T Enum<T>(string key)
        where T : struct, Enum => System.Enum.Parse<T>(Choice(key), ignoreCase: true);

    public Uri? Url(string key) =>
        Node(key) is { } node && ScalarReader.TryUrl(node, PathOf(key), _errors, out Uri value) ? value : null;

    public IPNetwork? Cidr(string key) =>
        Node(key) is { } node && ScalarReader.TryCidr(node, PathOf(key), _errors, out IPNetwork value) ? value : null;

    /// <summary>A section inside this one, by the table of its key.</summary>
    public NodeReader Section(string key) => new(Node(key), PathOf(key), ShapeOf(key).Keys!, _errors, Mark);

    /// <summary>The items of a list; none when absent or not a list.</summary>
    public PlacedNodes List(string key)
    {
        if (Node(key) is not { } node) return default;
        NodePath path = PathOf(key);
        if (node is SequenceNode list) return new PlacedNodes(list, path);
        _errors.Add(node, path, $"is {node.Description}", "write a list: [one, two], or one '- item' a line");
        return default;
    }

    /// <summary>The entries of a mapping whose keys the operator chose; none when absent or not a mapping.</summary>
    public PlacedNodes Mapping(string key)
    {
        if (Node(key) is not { } node) return default;
        NodePath path = PathOf(key);
        if (node is MappingNode mapping) return new PlacedNodes(mapping, path);
        _errors.Add(node, path, $"is {node.Description}", "write a mapping of names to values");
        return default;
    }

    private ValueShape ShapeOf(string key) => _keys.Find(key)!.Shape;

    private string? DefaultOf(string key) => _keys.Find(key)!.Default;

    private void CheckKeys(MappingNode mapping)
    {
        for (int i = 0; i < mapping.Entries.Count; i++)
        {
            MappingEntry entry = mapping.Entries[i];
            string name = entry.Key.Value;
            if (_keys.Find(name) is { } known)
            {
                if (known.NotYet is { } fix) _errors.Add(entry.Key, PathOf(name), "is not in this version", fix);
                continue;
            }
            string suggestion = _errors.IsFull ? "" : NearestName.Suggest(name, _keys.Names, "keys");
            _errors.Add(entry.Key, PathOf(name), $"unknown key {entry.Key.Quoted}", suggestion);
        }
    }

    private void CheckRequired(ConfigNode node)
    {
        foreach (ConfigKey key in _keys.Required)
        {
            if (_mapping?.Find(key.Name)?.Value is null or ScalarNode { IsNull: true })
                _errors.Add(node, PathOf(key.Name), "is required", $"add '{key.Name}: ...'");
        }
    }
}
