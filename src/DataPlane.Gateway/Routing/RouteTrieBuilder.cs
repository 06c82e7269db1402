using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Routing;

/// <summary>Collects routes and compiles them. Cold path, one thread; <see cref="Build"/> may be called again after
/// more routes were added.</summary>
public sealed class RouteTrieBuilder(int capacity = 0)
{
    /// <summary>The depth of a search's stack: twice as many frames of 8 bytes. The configuration allows 64.</summary>
    public const int MaxSegments = 256;

    private readonly List<RouteCandidate> _candidates = new(capacity);
    private readonly List<string> _extensionMethods = [];

    /// <summary><paramref name="order"/> decides between routes that are equal in everything else: the lower goes
    /// first. Throws <see cref="ArgumentException"/> for a route beyond the trie's limits.</summary>
    public void Add(Route route, RouteMatchConfig match, int order)
    {
        var candidate = new RouteCandidate(route, match, order);
        if (candidate.Segments.Length > MaxSegments)
            throw new ArgumentException($"{route.Id}: more than {MaxSegments} path segments", nameof(match));
        if (match.Path.Captures.Length > RouteMatch.MaxCaptures)
            throw new ArgumentException($"{route.Id}: more than {RouteMatch.MaxCaptures} parameters", nameof(match));
        foreach (var method in match.Methods)
        {
            if (MethodTable.IsKnown(method, out _) || _extensionMethods.Contains(method)) continue;
            if (_extensionMethods.Count == MethodTable.MaxExtensions)
                throw new ArgumentException($"too many extension methods: {method}", nameof(match));
            _extensionMethods.Add(method);
        }
        _candidates.Add(candidate);
    }

    public RouteTrie Build()
    {
        ImmutableArray<string> extensionMethods = [.. _extensionMethods];
        var byHost = GroupByHost()
            .OrderBy(group => HostRank(group.Key))
            .ThenByDescending(group => group.Key[0] == '*' ? group.Key.Length : 0)
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .ToList();

        var flattener = new TrieFlattener(extensionMethods, _candidates.Count);
        var hosts = ImmutableArray.CreateBuilder<(string, int)>(byHost.Count);
        var places = ImmutableArray.CreateBuilder<RoutePlace>(_candidates.Count);
        foreach (var (host, candidates) in byHost)
        {
            candidates.Sort(CandidateOrder.Any);
            var isOrderOfPaths = true;
            foreach (var candidate in candidates)
            {
                places.Add(new RoutePlace(host, candidate));
                isOrderOfPaths &= candidate.Match.Priority == candidates[0].Match.Priority;
            }
            if (!isOrderOfPaths) candidates.Sort(CandidateOrder.Path);
            hosts.Add((host, flattener.Add(CollectionsMarshal.AsSpan(candidates))));
        }
        return new RouteTrie(
            HostTable.Build(hosts.ToImmutable()),
            new MethodTable(extensionMethods),
            flattener.ToTables(),
            places.DrainToImmutable());
    }

    private Dictionary<string, List<RouteCandidate>> GroupByHost()
    {
        var groups = new Dictionary<string, List<RouteCandidate>>(StringComparer.Ordinal);
        foreach (var candidate in _candidates)
        {
            foreach (var host in candidate.Hosts)
            {
                var name = host.ToLowerInvariant();
                if (!groups.TryGetValue(name, out var group)) groups.Add(name, group = []);
                group.Add(candidate);
            }
        }
        return groups;
    }

    private static int HostRank(string host)
    {
        if (host == HostTable.AnyHost) return 2;
        return host[0] == '*' ? 1 : 0;
    }
}
