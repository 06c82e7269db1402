using System.Collections.Immutable;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// The compiled route table. Order of choice: host (exact, longest wildcard, none), priority, path from the left
/// (literal, <c>{parameter}</c>, <c>{greedy+}</c>), named method before any, more header conditions, more query
/// conditions, order in the file; a host without match leaves the request to the next. HEAD goes to a route that names
/// it, else to one for GET. <c>/users</c> and <c>/users/</c> are two paths. Immutable; any thread; lock-free; 0 bytes.
/// </summary>
public sealed class RouteTrie
{
    private readonly HostTable _hosts;
    private readonly MethodTable _methods;
    private readonly TrieTables _tables;
    private readonly ImmutableArray<RoutePlace> _places;

    internal RouteTrie(
        HostTable hosts, MethodTable methods, TrieTables tables, ImmutableArray<RoutePlace> places)
    {
        _hosts = hosts;
        _methods = methods;
        _tables = tables;
        _places = places;
    }

    internal TrieTables Tables => _tables;

    /// <summary>
    /// Fills <paramref name="match"/>: the route and its captures as ranges of <paramref name="path"/> after Found,
    /// Allow after MethodNotAllowed. The host is without port and in any case, empty when the request has none; the
    /// path is canonical (see <see cref="CanonicalPath"/>), and <c>*</c> is never found. Cost: one node per segment,
    /// and more only where several templates fit.
    /// </summary>
    public RouteMatchStatus Match(
        ReadOnlySpan<byte> host,
        ReadOnlySpan<byte> path,
        RequestHead head,
        ReadOnlySpan<byte> headBytes,
        RouteMatch match)
    {
        match.Reset();
        if (path.IsEmpty || path[0] != '/') return RouteMatchStatus.NotFound;
        var search = new RouteSearch(_tables, path, head, headBytes, _methods.BitOf(head, headBytes));
        var first = _hosts.Find(host);
        for (var place = first; place != HostTable.None; place = _hosts[place].Next)
        {
            if (!search.Find(_hosts[place].Root)) continue;
            match.Route = _tables.Entries[search.Entry].Route;
            Capture(_tables.Nodes[search.Node], path, match);
            return RouteMatchStatus.Found;
        }
        return search.MissedMethod ? FindOtherMethods(ref search, first, match) : RouteMatchStatus.NotFound;
    }

    /// <summary>The table in match order. Rows of one host that cannot meet (two literals) are in ordinal
    /// order.</summary>
    public ImmutableArray<RouteTableRow> Describe() => [.. _places.Select(each => each.ToRow())];

    private RouteMatchStatus FindOtherMethods(ref RouteSearch search, int first, RouteMatch match)
    {
        for (var place = first; place != HostTable.None; place = _hosts[place].Next)
            search.Collect(_hosts[place].Root);
        if (search.OtherMethods == 0) return RouteMatchStatus.NotFound;
        match.Allow = _methods.AllowOf(search.OtherMethods);
        return RouteMatchStatus.MethodNotAllowed;
    }

    /// <summary>Cuts the path again, for the route that won only: while searching, nothing is written down that a
    /// better route would have to take back.</summary>
    private void Capture(in TrieNode node, ReadOnlySpan<byte> path, RouteMatch match)
    {
        var segment = 0;
        var start = 1;
        foreach (var wanted in _tables.Captures.AsSpan(node.CaptureStart, node.CaptureCount))
        {
            var isGreedy = wanted < 0;
            for (var target = isGreedy ? ~wanted : wanted; segment < target; segment++)
                start += path[start..].IndexOf((byte)'/') + 1;
            var length = isGreedy ? -1 : path[start..].IndexOf((byte)'/');
            match.Push(new ByteRange(start, length < 0 ? path.Length - start : length));
        }
    }
}
