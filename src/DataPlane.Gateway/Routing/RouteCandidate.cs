using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Routing;

/// <summary>A route as it was added, and its path with every segment written out: a trailing slash, and the path
/// <c>/</c> itself, end in an empty literal.</summary>
internal sealed record RouteCandidate(Route Route, RouteMatchConfig Match, int Order)
{
    private static readonly ImmutableArray<string> s_anyHost = [HostTable.AnyHost];

    public ImmutableArray<PathSegment> Segments { get; } =
        Match.Path.Segments.IsEmpty || Match.Path.TrailingSlash
            ? Match.Path.Segments.Add(new PathSegment(PathSegmentKind.Literal, ""))
            : Match.Path.Segments;

    public ImmutableArray<string> Hosts => Match.Hosts.Length switch
    {
        0 => s_anyHost,
        1 => Match.Hosts,
        _ => [.. Match.Hosts.Distinct(StringComparer.OrdinalIgnoreCase)],
    };

    public bool NamesMethods => !Match.Methods.IsEmpty;

    public bool NamesHead => Match.Methods.Contains("HEAD", StringComparer.Ordinal);
}
