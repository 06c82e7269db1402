namespace DataPlane.Config.Reading;

/// <summary>A value of a list or map with its place. <c>Name</c> is the map's key, null in a list.</summary>
public sealed record PlacedNode(ConfigNode Node, string Path, ScalarNode? Name);
