using System.Collections.Immutable;
using System.Text;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// Host names to tries: the exact name, then wildcards from the longest to the shortest, then the routes without host
/// (Gateway API, HTTPRoute hostnames). Case is ignored. Built once; any thread, lock-free, 0 bytes.
/// </summary>
internal sealed class HostTable
{
    public const string AnyHost = "*";
    public const int None = -1;

    private readonly HostEntry[] _entries;
    private readonly HostIndex _exact;
    private readonly HostIndex _wildcards;
    private readonly int _anyHost;

    private HostTable(HostEntry[] entries, HostIndex exact, HostIndex wildcards, int anyHost)
    {
        _entries = entries;
        _exact = exact;
        _wildcards = wildcards;
        _anyHost = anyHost;
    }

    /// <summary>Names as routes write them, with the root of each: <c>a.b</c>, <c>*.b</c>, <c>*</c>.</summary>
    public static HostTable Build(ImmutableArray<(string Host, int Root)> hosts)
    {
        // A wildcard is kept as the suffix behind its star, with the dot: "*.b" never fits "b" itself.
        var names = hosts.Select(h => h.Host == AnyHost ? "" : h.Host.TrimStart('*')).ToArray();
        var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Length; i++)
            places.Add(names[i], i);
        var anyHost = places.GetValueOrDefault("", None);
        var entries = new HostEntry[names.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var next = i == anyHost ? None : WiderHost(names[i], places, anyHost);
            entries[i] = new HostEntry(Encoding.ASCII.GetBytes(names[i]), hosts[i].Root, next);
        }
        var named = Enumerable.Range(0, entries.Length).Where(i => i != anyHost).ToLookup(i => names[i][0] == '.');
        return new HostTable(
            entries, new HostIndex(entries, [.. named[false]]), new HostIndex(entries, [.. named[true]]), anyHost);
    }

    public ref readonly HostEntry this[int place] => ref _entries[place];

    /// <summary>Where to start; the entries say how to go on. <see cref="None"/> when no route can be meant.</summary>
    public int Find(ReadOnlySpan<byte> host)
    {
        var place = _exact.Find(host);
        return place != None ? place : FindWildcard(host);
    }

    private int FindWildcard(ReadOnlySpan<byte> host)
    {
        if (_wildcards.IsEmpty) return _anyHost;
        // Each round drops one label; hosts are at most 255 bytes, and suffixes longer than any wildcard are not
        // hashed.
        for (var dot = host.IndexOf((byte)'.'); dot >= 0; dot = host.IndexOf((byte)'.'))
        {
            var place = dot == 0 ? None : _wildcards.Find(host[dot..]);
            if (place != None) return place;
            host = host[(dot + 1)..];
        }
        return _anyHost;
    }

    private static int WiderHost(string name, Dictionary<string, int> places, int anyHost)
    {
        for (var dot = name.IndexOf('.', 1); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (places.TryGetValue(name[dot..], out var place)) return place;
        }
        return anyHost;
    }
}
