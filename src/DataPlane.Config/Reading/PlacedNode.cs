namespace DataPlane.Config.Reading;

/// <summary>A value of a list or map with its place. <c>Name</c> is the map's key, null in a list.</summary>
public readonly record struct PlacedNode(ConfigNode Node, NodePath Path, ScalarNode? Name);
