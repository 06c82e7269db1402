using DataPlane.Gateway.Caching.Store;

namespace DataPlane.Tests.Caching.Store;

/// <summary>Ten million keys that nobody asks for twice: memory stays what it is.</summary>
public sealed class StoreFloodTests
{
    [Fact]
    public void TenMillionKeys_LeaveMemoryFlatAndAllocateNothing()
    {
        using var store = new CacheStore(
            2 * 1024 * 1024, 100_000, TimeProvider.System, compressor: null, compressAboveBytes: 0);
        byte[] body = new byte[64];
        Assert.Equal(0, Fill(store, body, from: 0, to: 500_000));
        long reserved = store.Counts.ReservedBytes;
        long entries = store.Counts.Entries;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(0, Fill(store, body, from: 500_000, to: 10_000_000));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, CacheLimits.ArenaBytes);
        Assert.InRange(store.Counts.ReservedBytes, reserved, store.CapacityBytes);
        Assert.InRange(store.Counts.Entries, entries * 9 / 10, entries * 11 / 10);
        Assert.InRange(store.Counts.EvictionsTotal, 9_800_000, 10_000_000);
    }

    private static int Fill(CacheStore store, ReadOnlySpan<byte> body, int from, int to)
    {
        Span<byte> key = stackalloc byte[4];
        int hits = 0;
        for (int each = from; each < to; each++)
        {
            BitConverter.TryWriteBytes(key, each);
            if (store.TryGet(key, out _)) hits++;
            var fill = store.Begin(key, body.Length);
            fill.Append(body);
            fill.Commit(default, 0L, default, default);
        }
        return hits;
    }
}
