using DataPlane.Gateway.Caching.Store;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>
/// A store beside a dictionary to which the same is done. One thing the store may do that the dictionary does not: keep
/// a late response out because of the removal of another key. Keys are their own URLs.
/// </summary>
internal sealed class StoreModel(StoreRig rig)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly List<Order> _orders = [];
    private readonly List<(CacheLease Lease, Entry Entry)> _leases = [];
    private (CacheFill Fill, string Key, int Since)? _open;

    public StoreRig Rig => rig;

    public void Fill(string key, string tags, byte[] body, int number, int partBytes)
    {
        var fill = rig.Store.Begin(Bytes(key), partBytes < body.Length ? -1 : body.Length);
        Append(fill, body, partBytes);
        Commit(fill, key, tags, body, number, _orders.Count);
    }

    public void Abort(string key, byte[] body)
    {
        var fill = rig.Store.Begin(Bytes(key), body.Length);
        Append(fill, body, body.Length);
        fill.Abort();
    }

    public void Begin(string key)
    {
        _open?.Fill.Abort();
        _open = (rig.Store.Begin(Bytes(key), -1), key, _orders.Count);
    }

    public void End(string tags, byte[] body, int number)
    {
        if (_open is not { } open) return;
        _open = null;
        Append(open.Fill, body, 4321);
        Commit(open.Fill, open.Key, tags, body, number, open.Since);
    }

    public void Get(string key)
    {
        bool isFound = rig.Store.TryGet(Bytes(key), out var lease);
        Assert.Equal(_entries.ContainsKey(key), isFound);
        if (!isFound) return;
        Check(lease, _entries[key]);
        Assert.Equal(_entries[key].IsSoft, lease.IsSoftPurged);
        lease.Dispose();
    }

    public void Lease(string key)
    {
        if (!rig.Store.TryGet(Bytes(key), out var lease)) return;
        _leases.Add((lease, _entries[key]));
    }

    public void ReleaseOne()
    {
        if (_leases.Count == 0) return;
        Check(_leases[0].Lease, _leases[0].Entry);
        _leases[0].Lease.Dispose();
        _leases.RemoveAt(0);
    }

    public void ReleaseAll()
    {
        while (_leases.Count > 0) ReleaseOne();
        _open?.Fill.Abort();
        _open = null;
    }

    public void Refresh(string key, int number)
    {
        if (!rig.Store.TryGet(Bytes(key), out var lease)) return;
        Assert.True(rig.Store.UpdateHead(ref lease, Bytes("head " + number), number));
        _entries[key] = _entries[key] with { Number = number, IsSoft = false };
        Check(lease, _entries[key]);
        lease.Dispose();
    }

    public void Remove(string key, bool isSoft)
    {
        Assert.Equal(_entries.ContainsKey(key), rig.Store.Remove(Bytes(key), isSoft));
        _orders.Add(new Order(PurgeKind.Url, key, IsSoft: false, IsRemoval: true));
        if (!_entries.TryGetValue(key, out var entry)) return;
        if (isSoft) _entries[key] = entry with { IsSoft = true };
        else _entries.Remove(key);
    }

    public void Purge(PurgeKind kind, string text, bool isSoft)
    {
        if (kind == PurgeKind.Url) rig.Store.PurgeUrl(Bytes(text), isSoft);
        else if (kind == PurgeKind.Prefix) rig.Store.PurgePrefix(Bytes(text), isSoft);
        else if (kind == PurgeKind.Tag) rig.Store.PurgeTag(Bytes(text), isSoft);
        else rig.Store.PurgeAll(isSoft);
        var order = new Order(kind, text, isSoft, IsRemoval: kind == PurgeKind.Url && !isSoft);
        _orders.Add(order);
        foreach (var entry in _entries.Values.Where(order.Meets).ToList())
        {
            if (isSoft) _entries[entry.Key] = entry with { IsSoft = true };
            else _entries.Remove(entry.Key);
        }
    }

    private static void Append(CacheFill fill, byte[] body, int partBytes)
    {
        for (int at = 0; at < body.Length; at += partBytes)
            Assert.True(fill.Append(body.AsSpan(at, Math.Min(partBytes, body.Length - at))));
    }

    private static void Check(in CacheLease lease, Entry entry)
    {
        Assert.Equal(entry.Key, Text(lease.Key));
        Assert.Equal("head " + entry.Number, Text(lease.Head.Span));
        Assert.Equal(entry.Number, lease.Meta<int>());
        Assert.True(entry.Body.AsSpan().SequenceEqual(Body(lease)));
    }

    private void Commit(CacheFill fill, string key, string tags, byte[] body, int number, int since)
    {
        var entry = new Entry(key, tags, body, number, IsSoft: false);
        var met = _orders.Skip(since).Where(order => order.Meets(entry)).ToList();
        bool isStored = fill.Commit(Bytes("head " + number), number, Bytes(tags), Bytes(key));
        if (met.Exists(order => !order.IsSoft)) Assert.False(isStored);
        else if (!_orders.Skip(since).Any(order => order.IsRemoval)) Assert.True(isStored);
        if (isStored) _entries[key] = entry with { IsSoft = met.Count > 0 };
    }

    private sealed record Entry(string Key, string Tags, byte[] Body, int Number, bool IsSoft);

    private sealed record Order(PurgeKind Kind, string Text, bool IsSoft, bool IsRemoval)
    {
        public bool Meets(Entry entry) => Kind switch
        {
            PurgeKind.All => true,
            PurgeKind.Url => entry.Key == Text,
            PurgeKind.Prefix => entry.Key.StartsWith(Text, StringComparison.Ordinal),
            _ => entry.Tags.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(Text, StringComparer.Ordinal),
        };
    }
}
