namespace DataPlane.Gateway.Compilation;

/// <summary>
/// What outlives a snapshot, under the operator's stable ids: index numbers of routes for the recorders' counters, and
/// endpoints with their pools. Used while compiling, by one thread at a time.
/// </summary>
public sealed class StateTable
{
    private readonly Dictionary<string, int> _routeIndexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _upstreamIndexes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Upstream, string Url), int> _endpointIndexes = [];
    private readonly Dictionary<(string Upstream, string Url), Upstreams.UpstreamEndpoint> _endpoints = [];
    private readonly Dictionary<(Type Kind, string Upstream), (object? Settings, object State)> _kept = [];

    /// <summary>
    /// State of an upstream that goes on while its settings stay equal, and starts anew with others.
    /// </summary>
    public T Keep<T>(string upstream, object? settings, Func<T> create)
        where T : class
    {
        var key = (typeof(T), upstream);
        if (_kept.TryGetValue(key, out var kept) && Equals(kept.Settings, settings)) return (T)kept.State;
        var made = create();
        _kept[key] = (settings, made);
        return made;
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
        if (_endpoints.TryGetValue((upstream, url), out var endpoint)) return endpoint;
        endpoint = create(EndpointIndex(upstream, url));
        _endpoints.Add((upstream, url), endpoint);
        return endpoint;
    }
}
