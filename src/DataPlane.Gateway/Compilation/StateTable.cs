namespace DataPlane.Gateway.Compilation;

/// <summary>
/// What outlives a snapshot, under the operator's stable ids: index numbers of routes for the recorders' counters, and
/// endpoints with their pools. State that <see cref="Limits.StateGenerations"/> generations in a row have not asked for
/// is forgotten once nothing uses it any more; index numbers stay. Used while compiling, by one thread at a time.
/// </summary>
public sealed class StateTable
{
    private readonly Dictionary<string, int> _routeIndexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _upstreamIndexes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Upstream, string Url), int> _endpointIndexes = [];
    private readonly Dictionary<(string Upstream, string Url), KeptState> _endpoints = [];
    private readonly Dictionary<(Type Kind, string Upstream), KeptState> _kept = [];
    private long _generation;

    /// <summary>States held, forgotten ones that are still in use among them.</summary>
    public int Count => _kept.Count + _endpoints.Count;

    /// <summary>
    /// State of an upstream that goes on while its settings stay equal, and starts anew with others.
    /// </summary>
    public T Keep<T>(string upstream, object? settings, Func<T> create)
        where T : class
    {
        var key = (typeof(T), upstream);
        if (_kept.TryGetValue(key, out var kept) && Equals(kept.Settings, settings)
            && kept.TryUse(_generation) is { } state)
        {
            return (T)state;
        }
        var made = create();
        _kept[key] = new KeptState(made, settings, _generation);
        return made;
    }

    /// <summary>A generation has been compiled: what none of the last ones asked for may go.</summary>
    public void EndGeneration()
    {
        long eldest = ++_generation - Limits.StateGenerations;
        Sweep(_kept, eldest);
        Sweep(_endpoints, eldest);
    }

    public int RouteIndex(string id)
    {
        if (_routeIndexes.TryGetValue(id, out int index)) return index;
        index = _routeIndexes.Count;
        _routeIndexes.Add(id, index);
        return index;
    }

    public int UpstreamIndex(string name)
    {
        if (_upstreamIndexes.TryGetValue(name, out int index)) return index;
        index = _upstreamIndexes.Count;
        _upstreamIndexes.Add(name, index);
        return index;
    }

    /// <summary>Of a configured endpoint, however many addresses it stands for.</summary>
    public int EndpointIndex(string upstream, string url)
    {
        if (_endpointIndexes.TryGetValue((upstream, url), out int index)) return index;
        index = _endpointIndexes.Count;
        _endpointIndexes.Add((upstream, url), index);
        return index;
    }

    public Upstreams.UpstreamEndpoint Endpoint(
        string upstream, string url, Func<int, Upstreams.UpstreamEndpoint> create)
    {
        var key = (upstream, url);
        if (_endpoints.TryGetValue(key, out var kept) && kept.TryUse(_generation) is { } state)
            return (Upstreams.UpstreamEndpoint)state;
        var endpoint = create(EndpointIndex(upstream, url));
        _endpoints[key] = new KeptState(endpoint, settings: null, _generation);
        return endpoint;
    }

    private static void Sweep<TKey>(Dictionary<TKey, KeptState> kept, long eldest)
        where TKey : notnull
    {
        // A dictionary may lose entries while it is walked.
        foreach (var (key, state) in kept)
        {
            if (state.IsForgotten(eldest)) kept.Remove(key);
        }
    }
}
