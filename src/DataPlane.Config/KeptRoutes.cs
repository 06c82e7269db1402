using System.Collections.Immutable;
using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// The bound routes of one load under what was written for each, so that a later load takes over those whose text has
/// not changed: same characters, same meaning, as long as what they may refer to is the same. Routes with variables or
/// secret files are not among them. Filled while binding, then immutable; any thread; 60 bytes a route beside the
/// routes.
/// </summary>
public sealed class KeptRoutes
{
    private readonly Dictionary<EntryKey, RouteConfig> _routes = [];
    private readonly ConfigExtensions _extensions;
    private readonly ImmutableHashSet<string> _upstreams;
    private readonly ImmutableHashSet<string> _functions;
    private readonly string _policies;

    internal KeptRoutes(
        ConfigExtensions extensions, GatewayConfigReferences references, ConfigNode? policies, KeptRoutes? before)
    {
        Texts = before?.Texts ?? new TextPool();
        _extensions = extensions;
        _upstreams = [.. references.Upstreams];
        _functions = [.. references.Functions];
        _policies = policies is null ? "" : JsonText.Compact(policies);
    }

    /// <summary>Of routes, for one load after the other: what they have in common outlives their change.</summary>
    internal TextPool Texts { get; }

    internal int Count => _routes.Count;

    internal void Reserve(int count) => _routes.EnsureCapacity(count);

    internal RouteConfig? Find(EntryKey entry) => _routes.GetValueOrDefault(entry);

    internal void Add(EntryKey entry, RouteConfig route) => _routes[entry] = route;

    /// <summary>Whether a route may refer to the same things in both loads.</summary>
    internal bool IsValidFor(KeptRoutes later) =>
        _extensions == later._extensions
        && _upstreams.SetEquals(later._upstreams)
        && _functions.SetEquals(later._functions)
        && string.Equals(_policies, later._policies, StringComparison.Ordinal);
}
