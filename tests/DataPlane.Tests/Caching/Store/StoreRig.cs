using System.Text;
using DataPlane.Gateway.Caching.Store;

namespace DataPlane.Tests.Caching.Store;

/// <summary>A store and words to use it with; freed memory is overwritten.</summary>
internal sealed class StoreRig : IDisposable
{
    public StoreRig(
        long capacityBytes = 1024 * 1024, long maxEntryBytes = 256 * 1024, IBlockCompressor? compressor = null,
        int shards = 1, DiskTier? disk = null, Functional.Harness.VirtualTime? time = null)
    {
        Time = time ?? new Functional.Harness.VirtualTime();
        Store = new CacheStore(capacityBytes, maxEntryBytes, Time, compressor, 1024, shards, poisons: true, disk);
    }

    public Functional.Harness.VirtualTime Time { get; }

    public CacheStore Store { get; }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>The body of a lease, through <see cref="CacheSegment.CopyTo"/>.</summary>
    public static byte[] Body(in CacheLease lease)
    {
        var body = new List<byte>();
        byte[] buffer = new byte[CacheSegment.MaxBytes];
        foreach (var segment in lease.Body)
        {
            Assert.True(segment.CopyTo(buffer));
            body.AddRange(buffer.AsSpan(0, segment.BodyBytes));
        }
        Assert.Equal(lease.BodyBytes, body.Count);
        return [.. body];
    }

    public bool Fill(string key, string body, string tags = "", string url = "", long meta = 0, long stamp = -1) =>
        Fill(key, Bytes(body), tags, url, meta, stamp);

    public bool Fill(string key, byte[] body, string tags = "", string url = "", long meta = 0, long stamp = -1)
    {
        var fill = Store.Begin(Bytes(key), body.Length, stamp);
        fill.Append(body);
        return fill.Commit(Bytes("head of " + key), meta, Bytes(tags), Bytes(url));
    }

    /// <summary>
    /// The body under a key as text; null when there is none, "~" in front when it was purged softly.
    /// </summary>
    public string? Get(string key)
    {
        if (!Store.TryGet(Bytes(key), out var lease)) return null;
        using (lease)
        {
            Assert.Equal(key, Text(lease.Key));
            return (lease.IsSoftPurged ? "~" : "") + Text(Body(lease));
        }
    }

    public void Dispose() => Store.Dispose();
}
