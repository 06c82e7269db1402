using System.Collections.Concurrent;
using System.Text;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>The names behind the indexes of keys, learned when a key is seen for the first time. Any thread.</summary>
internal sealed class CompatibleNames
{
    private readonly ConcurrentDictionary<int, string> _listeners = new();
    private readonly ConcurrentDictionary<int, string> _routes = new();
    private readonly ConcurrentDictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, string> _upstreams = new();
    private readonly Lock _adding = new();

    public string Listener(int index) => _listeners.GetValueOrDefault(index, "_other");

    public string Route(int index) => _routes.GetValueOrDefault(index, "_none");

    public string Upstream(int index) => _upstreams.GetValueOrDefault(index, "_none");

    public static string Method(RequestMethod method) =>
        method == RequestMethod.Other ? "_OTHER" : method.ToString().ToUpperInvariant();

    /// <summary>The same index for the same name, for the life of the process.</summary>
    public int UpstreamOf(ReadOnlySpan<byte> name)
    {
        string text = Encoding.UTF8.GetString(name);
        lock (_adding)
        {
            if (_indexes.TryGetValue(text, out int known)) return known;
            int index = _indexes.Count;
            _indexes[text] = index;
            _upstreams[index] = text;
            return index;
        }
    }

    public void Learn(CompatibleKey key, in MetricSample sample)
    {
        if (key.Listener >= 0) _listeners.TryAdd(key.Listener, Encoding.UTF8.GetString(sample.ListenerName));
        if (key.Route >= 0) _routes.TryAdd(key.Route, Encoding.UTF8.GetString((ReadOnlySpan<byte>)sample.RouteId));
    }
}
