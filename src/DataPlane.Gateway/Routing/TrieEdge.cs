namespace DataPlane.Gateway.Routing;

/// <summary>A slot of a node's table of literal children, open addressing with linear probing. Empty when
/// <see cref="Child"/> is 0. The text is in the trie's text block.</summary>
internal struct TrieEdge
{
    public uint Hash;
    public int Child;
    public int TextStart;
    public int TextLength;
}
