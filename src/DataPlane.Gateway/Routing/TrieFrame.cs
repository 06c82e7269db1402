namespace DataPlane.Gateway.Routing;

/// <summary>An alternative not tried yet: a node, and how many bytes of the path lead there.</summary>
internal readonly record struct TrieFrame(int Node, int Offset);
