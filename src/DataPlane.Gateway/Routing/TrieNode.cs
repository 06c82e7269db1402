namespace DataPlane.Gateway.Routing;

/// <summary>
/// What a request's path has reached after some whole segments. Children are indexes into the trie's nodes; 0, which is
/// the root of the first host and so nobody's child, means there is none.
/// </summary>
internal struct TrieNode
{
    /// <summary>First slot of the literal children in the trie's edges.</summary>
    public int EdgeStart;

    /// <summary>Slots minus one, a power of two minus one; -1 without literal children.</summary>
    public int EdgeMask;

    public int Parameter;
    public int Greedy;

    /// <summary>Routes that end here, best first.</summary>
    public int EntryStart;

    /// <summary>The same routes in the order a HEAD request tries them: HEAD by name goes before HEAD by GET.</summary>
    public int HeadEntryStart;

    public int EntryCount;

    /// <summary>The highest priority of a route that ends here or below.</summary>
    public int MaxPriority;

    /// <summary>What routes that end here capture, in the trie's list of captures.</summary>
    public int CaptureStart;
    public int CaptureCount;
}
