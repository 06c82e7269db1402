namespace DataPlane.Config.Reading;

/// <summary>One <c>key: value</c> of a mapping.</summary>
public sealed record MappingEntry(ScalarNode Key, ConfigNode Value);
