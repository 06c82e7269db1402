using DataPlane.Config;

namespace DataPlane.Gateway.Routing;

/// <summary>A node of the trie while it grows. Most have one child or none: what they lack costs nothing.</summary>
internal sealed class BuildNode
{
    /// <summary>Null without literal children.</summary>
    public Dictionary<string, BuildNode>? Literals { get; private set; }

    public BuildNode? Parameter { get; private set; }

    public BuildNode? Greedy { get; private set; }

    /// <summary>Routes that end here, or null; never a node without children and without these, but for an empty
    /// root.</summary>
    public List<RouteCandidate>? Candidates { get; private set; }

    public int MaxPriority { get; private set; } = int.MinValue;

    public void Add(RouteCandidate candidate)
    {
        var node = this;
        node.Note(candidate);
        foreach (var segment in candidate.Segments)
        {
            node = node.Child(segment);
            node.Note(candidate);
        }
        node.Candidates ??= new List<RouteCandidate>(1);
        node.Candidates.Add(candidate);
    }

    private void Note(RouteCandidate candidate) => MaxPriority = Math.Max(MaxPriority, candidate.Match.Priority);

    private BuildNode Child(PathSegment segment)
    {
        switch (segment.Kind)
        {
            case PathSegmentKind.Parameter:
                return Parameter ??= new BuildNode();
            case PathSegmentKind.Greedy:
                return Greedy ??= new BuildNode();
            default:
                Literals ??= new Dictionary<string, BuildNode>(1, StringComparer.Ordinal);
                if (Literals.TryGetValue(segment.Text, out var child)) return child;
                return Literals[segment.Text] = new BuildNode();
        }
    }
}
