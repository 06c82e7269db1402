using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Routing;

/// <summary>Turns grown nodes into <see cref="TrieTables"/>, parents right before their children. Used once.</summary>
internal sealed class TrieFlattener
{
    private readonly ImmutableArray<string> _extensionMethods;
    private readonly List<TrieNode> _nodes;
    private readonly List<TrieEdge> _edges;
    private readonly List<byte> _texts;
    private readonly Dictionary<string, int> _textStarts;
    private readonly List<RouteEntry> _entries;
    private readonly List<int> _captures;
    private int _longestLiteralBytes;
    private int _longestRoute;

    /// <summary>With room for what so many routes need in most tables: large arrays are costly to outgrow.</summary>
    public TrieFlattener(ImmutableArray<string> extensionMethods, int routes)
    {
        _extensionMethods = extensionMethods;
        _nodes = new List<TrieNode>(3 * routes);
        _edges = new List<TrieEdge>(3 * routes);
        _texts = new List<byte>(16 * routes);
        _textStarts = new Dictionary<string, int>(routes, StringComparer.Ordinal);
        _entries = new List<RouteEntry>(routes);
        _captures = new List<int>(routes);
    }

    /// <summary>Index of the node. Recursive: as deep as the longest route, which the builder bounds.</summary>
    public int Add(BuildNode source)
    {
        var place = _nodes.Count;
        _nodes.Add(default);
        var node = new TrieNode { EdgeMask = -1, MaxPriority = source.MaxPriority };
        if (source.Candidates is not null) AddEntries(source.Candidates, ref node);
        if (source.Literals is not null) AddLiterals(source.Literals, ref node);
        if (source.Parameter is not null) node.Parameter = Add(source.Parameter);
        if (source.Greedy is not null) node.Greedy = Add(source.Greedy);
        _nodes[place] = node;
        return place;
    }

    public TrieTables ToTables() => new()
    {
        Nodes = [.. _nodes],
        Edges = [.. _edges],
        Texts = [.. _texts],
        Entries = [.. _entries],
        Captures = [.. _captures],
        LongestLiteralBytes = _longestLiteralBytes,
        MaxWaiting = 2 * _longestRoute,
    };

    /// <summary>The candidates come in <see cref="CandidateOrder.Any"/>.</summary>
    private void AddEntries(List<RouteCandidate> candidates, ref TrieNode node)
    {
        node.EntryCount = candidates.Count;
        node.EntryStart = node.HeadEntryStart = AddAll(candidates);
        if (candidates.Count > 1)
        {
            var forHead = candidates.Order(Comparer<RouteCandidate>.Create(CandidateOrder.Head)).ToList();
            if (!forHead.SequenceEqual(candidates)) node.HeadEntryStart = AddAll(forHead);
        }
        AddCaptures(candidates[0].Segments, ref node);
        _longestRoute = Math.Max(_longestRoute, candidates[0].Segments.Length);
    }

    private int AddAll(List<RouteCandidate> candidates)
    {
        var start = _entries.Count;
        foreach (var candidate in candidates)
        {
            _entries.Add(new RouteEntry(
                candidate.Route,
                MethodTable.SetOf(candidate.Match.Methods, _extensionMethods),
                candidate.Match.Priority,
                RouteConditions.Of(candidate.Match)));
        }
        return start;
    }

    /// <summary>The same for all routes of a node: their parameters stand in the same places, whatever their
    /// names.</summary>
    private void AddCaptures(ImmutableArray<PathSegment> segments, ref TrieNode node)
    {
        node.CaptureStart = _captures.Count;
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].Kind == PathSegmentKind.Literal) continue;
            _captures.Add(segments[i].Kind == PathSegmentKind.Greedy ? ~i : i);
            node.CaptureCount++;
        }
    }

    private void AddLiterals(Dictionary<string, BuildNode> literals, ref TrieNode node)
    {
        // At most half full: short runs, and a search always meets an empty slot. An only child is not searched for.
        var slots = literals.Count == 1 ? 1 : (int)BitOperations.RoundUpToPowerOf2((uint)literals.Count * 2);
        node.EdgeStart = _edges.Count;
        node.EdgeMask = slots - 1;
        for (var i = 0; i < slots; i++)
            _edges.Add(default);
        foreach (var (text, source) in literals)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var edge = new TrieEdge
            {
                Hash = ByteHash.Of(bytes),
                Child = Add(source),
                TextStart = TextStart(text, bytes),
                TextLength = bytes.Length,
            };
            var slot = (int)(edge.Hash & (uint)node.EdgeMask);
            while (_edges[node.EdgeStart + slot].Child != 0)
                slot = (slot + 1) & node.EdgeMask;
            _edges[node.EdgeStart + slot] = edge;
        }
    }

    private int TextStart(string text, byte[] bytes)
    {
        if (_textStarts.TryGetValue(text, out var start)) return start;
        start = _texts.Count;
        _texts.AddRange(bytes);
        _textStarts.Add(text, start);
        _longestLiteralBytes = Math.Max(_longestLiteralBytes, bytes.Length);
        return start;
    }
}
