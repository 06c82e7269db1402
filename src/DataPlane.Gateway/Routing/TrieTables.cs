namespace DataPlane.Gateway.Routing;

/// <summary>
/// The tries of all hosts as flat arrays: a request touches one node and one edge per segment, and the collector sees
/// a handful of objects however many routes there are. Immutable; any thread.
/// </summary>
internal sealed class TrieTables
{
    public required TrieNode[] Nodes { get; init; }

    public required TrieEdge[] Edges { get; init; }

    /// <summary>The texts of all literal segments, one after the other.</summary>
    public required byte[] Texts { get; init; }

    public required RouteEntry[] Entries { get; init; }

    /// <summary>Indexes of captured segments; the complement of one for a greedy capture.</summary>
    public required int[] Captures { get; init; }

    /// <summary>Longer segments are parameters or nothing, and are not hashed.</summary>
    public required int LongestLiteralBytes { get; init; }

    /// <summary>Alternatives one walk may have to remember: two per segment of the longest route.</summary>
    public required int MaxWaiting { get; init; }

    /// <summary>The child of that name, or 0; the node must have literal children.</summary>
    public int FindLiteral(in TrieNode node, ReadOnlySpan<byte> segment)
    {
        if (segment.Length > LongestLiteralBytes) return 0;
        var hash = ByteHash.Of(segment);
        for (var slot = (int)(hash & (uint)node.EdgeMask); ; slot = (slot + 1) & node.EdgeMask)
        {
            ref readonly var edge = ref Edges[node.EdgeStart + slot];
            if (edge.Child == 0) return 0;
            if (edge.Hash == hash
                && edge.TextLength == segment.Length
                && Texts.AsSpan(edge.TextStart, edge.TextLength).SequenceEqual(segment))
            {
                return edge.Child;
            }
        }
    }
}
