using DataPlane.Config;

namespace DataPlane.Gateway.Routing;

/// <summary>The order of choice among the routes of one host, best first: contract of the configuration
/// format.</summary>
internal static class CandidateOrder
{
    /// <summary>For all requests but HEAD.</summary>
    public static readonly Comparison<RouteCandidate> Any = (left, right) => Compare(left, right, isHead: false);

    public static readonly Comparison<RouteCandidate> Head = (left, right) => Compare(left, right, isHead: true);

    /// <summary>Routes of the same path in the order <see cref="Any"/>, next to each other.</summary>
    public static readonly Comparison<RouteCandidate> Path = (left, right) =>
    {
        var result = ComparePaths(left, right);
        return result != 0 ? result : Compare(left, right, isHead: false);
    };

    private static int Compare(RouteCandidate left, RouteCandidate right, bool isHead)
    {
        var result = right.Match.Priority.CompareTo(left.Match.Priority);
        if (result == 0) result = ComparePaths(left, right);
        if (result == 0) result = MethodRank(left, isHead) - MethodRank(right, isHead);
        if (result == 0) result = right.Match.Headers.Length - left.Match.Headers.Length;
        if (result == 0) result = right.Match.Query.Length - left.Match.Query.Length;
        return result != 0 ? result : left.Order.CompareTo(right.Order);
    }

    /// <summary>Two literals never match the same path: any order does, and ordinal is easy to read.</summary>
    private static int ComparePaths(RouteCandidate left, RouteCandidate right)
    {
        var shorter = Math.Min(left.Segments.Length, right.Segments.Length);
        for (var i = 0; i < shorter; i++)
        {
            var (a, b) = (left.Segments[i], right.Segments[i]);
            if (a.Kind != b.Kind) return Rank(a.Kind) - Rank(b.Kind);
            var result = a.Kind == PathSegmentKind.Literal ? string.CompareOrdinal(a.Text, b.Text) : 0;
            if (result != 0) return result;
        }
        return left.Segments.Length - right.Segments.Length;
    }

    private static int Rank(PathSegmentKind kind) => kind switch
    {
        PathSegmentKind.Literal => 0,
        PathSegmentKind.Parameter => 1,
        _ => 2,
    };

    /// <summary>A route for GET serves HEAD, but less specifically than one that names HEAD.</summary>
    private static int MethodRank(RouteCandidate candidate, bool isHead)
    {
        if (!candidate.NamesMethods) return 2;
        return isHead && !candidate.NamesHead ? 1 : 0;
    }
}
