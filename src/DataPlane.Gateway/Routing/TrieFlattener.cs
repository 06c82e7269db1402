using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// Turns routes in the order of their paths into <see cref="TrieTables"/>, parents right before their children: the
/// routes below a node are a range of them, so no tree is built on the way. Used once.
/// </summary>
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

    /// <summary>Index of the root of the routes of one host, which come in <see cref="CandidateOrder.Path"/>.</summary>
    public int Add(ReadOnlySpan<RouteCandidate> routes) => Add(routes, depth: 0);

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

    /// <summary>
    /// Of routes whose first <paramref name="depth"/> segments are the same: those that end here, then those with a
    /// literal, a parameter, a greedy one. Recursive: as deep as the longest route, which the builder bounds.
    /// </summary>
    private int Add(ReadOnlySpan<RouteCandidate> routes, int depth)
    {
        var place = _nodes.Count;
        _nodes.Add(default);
        var node = new TrieNode { EdgeMask = -1, MaxPriority = int.MinValue };
        foreach (var route in routes) node.MaxPriority = Math.Max(node.MaxPriority, route.Match.Priority);
        var ending = 0;
        while (ending < routes.Length && routes[ending].Segments.Length == depth) ending++;
        if (ending > 0) AddEntries(routes[..ending], ref node);
        routes = routes[ending..];
        var literals = CountOf(PathSegmentKind.Literal, routes, depth);
        if (literals > 0) AddLiterals(routes[..literals], depth, ref node);
        routes = routes[literals..];
        var parameters = CountOf(PathSegmentKind.Parameter, routes, depth);
        if (parameters > 0) node.Parameter = Add(routes[..parameters], depth + 1);
        if (parameters < routes.Length) node.Greedy = Add(routes[parameters..], depth + 1);
        _nodes[place] = node;
        return place;
    }

    private static int CountOf(PathSegmentKind kind, ReadOnlySpan<RouteCandidate> routes, int depth)
    {
        var count = 0;
        while (count < routes.Length && routes[count].Segments[depth].Kind == kind) count++;
        return count;
    }

    /// <summary>The candidates come in <see cref="CandidateOrder.Any"/>.</summary>
    private void AddEntries(ReadOnlySpan<RouteCandidate> candidates, ref TrieNode node)
    {
        node.EntryCount = candidates.Length;
        node.EntryStart = node.HeadEntryStart = AddAll(candidates);
        if (candidates.Length > 1)
        {
            var forHead = candidates.ToArray();
            forHead.Sort(CandidateOrder.Head);
            if (!candidates.SequenceEqual(forHead)) node.HeadEntryStart = AddAll(forHead);
        }
        AddCaptures(candidates[0].Segments, ref node);
        _longestRoute = Math.Max(_longestRoute, candidates[0].Segments.Length);
    }

    private int AddAll(ReadOnlySpan<RouteCandidate> candidates)
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

    private void AddLiterals(ReadOnlySpan<RouteCandidate> routes, int depth, ref TrieNode node)
    {
        var texts = 0;
        for (var rest = routes; !rest.IsEmpty; rest = rest[SameText(rest, depth)..]) texts++;
        // At most half full: short runs, and a search always meets an empty slot. An only child is not searched for.
        var slots = texts == 1 ? 1 : (int)BitOperations.RoundUpToPowerOf2((uint)texts * 2);
        node.EdgeStart = _edges.Count;
        node.EdgeMask = slots - 1;
        for (var i = 0; i < slots; i++)
            _edges.Add(default);
        while (!routes.IsEmpty)
        {
            var same = SameText(routes, depth);
            AddEdge(routes[0].Segments[depth].Text, Add(routes[..same], depth + 1), node);
            routes = routes[same..];
        }
    }

    /// <summary>How many of the first routes have the same literal.</summary>
    private static int SameText(ReadOnlySpan<RouteCandidate> routes, int depth)
    {
        var text = routes[0].Segments[depth].Text;
        var count = 1;
        while (count < routes.Length && routes[count].Segments[depth].Text == text) count++;
        return count;
    }

    private void AddEdge(string text, int child, in TrieNode node)
    {
        var (start, length) = PlaceOf(text);
        var bytes = CollectionsMarshal.AsSpan(_texts).Slice(start, length);
        var edge = new TrieEdge { Hash = ByteHash.Of(bytes), Child = child, TextStart = start, TextLength = length };
        var slot = (int)(edge.Hash & (uint)node.EdgeMask);
        while (_edges[node.EdgeStart + slot].Child != 0)
            slot = (slot + 1) & node.EdgeMask;
        _edges[node.EdgeStart + slot] = edge;
    }

    private (int Start, int Length) PlaceOf(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (_textStarts.TryGetValue(text, out var start)) return (start, length);
        start = _texts.Count;
        CollectionsMarshal.SetCount(_texts, start + length);
        Encoding.UTF8.GetBytes(text, CollectionsMarshal.AsSpan(_texts)[start..]);
        _textStarts.Add(text, start);
        _longestLiteralBytes = Math.Max(_longestLiteralBytes, length);
        return (start, length);
    }
}
