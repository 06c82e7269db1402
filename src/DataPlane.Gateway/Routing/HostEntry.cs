namespace DataPlane.Gateway.Routing;

/// <summary>A host of the table: the root of its trie, and the host to try when that has no match, -1 at the
/// end.</summary>
internal readonly record struct HostEntry(byte[] Name, int Root, int Next);
