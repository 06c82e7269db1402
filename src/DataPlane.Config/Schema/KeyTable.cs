using System.Collections.Immutable;

namespace DataPlane.Config.Schema;

/// <summary>The keys of one section, in the order documentation lists them.</summary>
public sealed class KeyTable
{
    private readonly Dictionary<string, ConfigKey> _byName;

    public KeyTable(params ReadOnlySpan<ConfigKey> keys)
    {
        Keys = [.. keys];
        Required = [.. Keys.Where(key => key.Required)];
        _byName = Keys.ToDictionary(key => key.Name, StringComparer.Ordinal);
    }

    public ImmutableArray<ConfigKey> Keys { get; }

    /// <summary>The keys every such section has to have.</summary>
    public ImmutableArray<ConfigKey> Required { get; }

    /// <summary>Names one may write in this version.</summary>
    public IEnumerable<string> Names => Keys.Where(key => key.NotYet is null).Select(key => key.Name);

    public ConfigKey? Find(string name) => _byName.GetValueOrDefault(name);
}
