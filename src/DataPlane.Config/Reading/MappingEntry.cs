namespace DataPlane.Config.Reading;

/// <summary>One <c>key: value</c> of a mapping.</summary>
public readonly record struct MappingEntry(ScalarNode Key, ConfigNode Value);
