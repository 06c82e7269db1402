using DataPlane.Gateway.Caching.Store;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>One at a time: what is filled is found, as long as it may be.</summary>
public sealed class CacheStoreTests
{
    [Fact]
    public void FilledEntry_IsFoundWhole()
    {
        using var rig = new StoreRig();
        Assert.True(rig.Fill("a", "body of a", meta: 7));
        Assert.True(rig.Store.TryGet(Bytes("a"), out var lease));
        using (lease)
        {
            Assert.Equal("a", Text(lease.Key));
            Assert.Equal("head of a", Text(lease.Head.Span));
            Assert.Equal("body of a", Text(Body(lease)));
            Assert.Equal(7, lease.Meta<long>());
            Assert.False(lease.IsSoftPurged);
            Assert.False(lease.IsPacked);
        }
        Assert.False(rig.Store.TryGet(Bytes("b"), out var none));
        Assert.False(none.IsHeld);
        none.Dispose();
    }

    [Fact]
    public void MetaOfAnotherSize_IsAMistake()
    {
        using var rig = new StoreRig();
        rig.Fill("a", "body");
        Assert.True(rig.Store.TryGet(Bytes("a"), out var lease));
        using (lease) Assert.Throws<InvalidOperationException>(() => lease.Meta<int>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(200_000)]
    public void BodyOfAnyLength_IsKept(int length)
    {
        byte[] body = new byte[length];
        Random.Shared.NextBytes(body);
        using var rig = new StoreRig();
        Assert.True(rig.Fill("whole", body));
        var fill = rig.Store.Begin(Bytes("in parts"), lengthHint: -1);
        for (int at = 0; at < length; at += 777) Assert.True(fill.Append(body.AsSpan(at, Math.Min(777, length - at))));
        Assert.Equal(length, fill.BodyBytes);
        Assert.True(fill.Commit(Bytes("head"), 0L, default, default));
        foreach (string key in (string[])["whole", "in parts"])
        {
            Assert.True(rig.Store.TryGet(Bytes(key), out var lease));
            using (lease) Assert.Equal(body, Body(lease));
        }
    }

    [Fact]
    public void BodyLargerThanAnEntryMayBe_MakesTheFillVoid()
    {
        using var rig = new StoreRig(maxEntryBytes: 1000);
        Assert.True(rig.Store.Begin(Bytes("hinted"), lengthHint: 1001) is { IsVoid: true } hinted && Ended(hinted));
        var fill = rig.Store.Begin(Bytes("a"), lengthHint: -1);
        Assert.True(fill.Append(new byte[900]));
        Assert.False(fill.Append(new byte[100]));
        Assert.True(fill.IsVoid);
        Assert.False(fill.Append(new byte[1]));
        Assert.False(fill.Commit(Bytes("head"), 0L, default, default));
        Assert.Null(rig.Get("a"));
        Assert.Equal(2, rig.Store.Counts.RefusedTotal);
        AssertNoFills(rig.Store);
    }

    [Fact]
    public void AbortedFill_LeavesNothingBehind()
    {
        using var rig = new StoreRig();
        rig.Fill("warm", "the first row takes a slab");
        long before = rig.Store.Counts.Bytes;
        var fill = rig.Store.Begin(Bytes("a"), lengthHint: 5000);
        fill.Append(new byte[5000]);
        Assert.Equal(1, rig.Store.Counts.FillsUnderWay);
        Assert.InRange(rig.Store.Counts.FillBytes, 5000, 5100);
        fill.Abort();
        Assert.Equal(before, rig.Store.Counts.Bytes);
        Assert.Equal(0, rig.Store.Counts.RefusedTotal);
        AssertNoFills(rig.Store);
    }

    [Fact]
    public void SecondEntryOfAKey_ReplacesTheFirst()
    {
        using var rig = new StoreRig();
        rig.Fill("a", "one");
        Assert.True(rig.Store.TryGet(Bytes("a"), out var lease));
        rig.Fill("a", "two");
        Assert.Equal("two", rig.Get("a"));
        Assert.Equal("one", Text(Body(lease)));
        lease.Dispose();
        Assert.Equal(1, rig.Store.Counts.Entries);
    }

    [Fact]
    public void Refresh_ChangesTheHeadAndSharesTheBody()
    {
        using var rig = new StoreRig();
        rig.Fill("a", "body", tags: "t", url: "/a", meta: 1);
        Assert.True(rig.Store.TryGet(Bytes("a"), out var old));
        Assert.True(rig.Store.TryGet(Bytes("a"), out var lease));
        Assert.True(rig.Store.UpdateHead(ref lease, Bytes("another head"), 2L));
        Assert.Equal("another head", Text(lease.Head.Span));
        Assert.Equal("body", Text(Body(lease)));
        Assert.Equal(2, lease.Meta<long>());
        Assert.Equal("head of a", Text(old.Head.Span));
        Assert.Equal("body", Text(Body(old)));
        Assert.True(rig.Store.UpdateHead(ref old, Bytes("later"), 3L));
        Assert.Equal("later", Text(old.Head.Span));
        old.Dispose();
        for (int again = 0; again < 100; again++) Assert.True(rig.Store.UpdateHead(ref lease, Bytes("head"), 4L));
        lease.Dispose();
        Assert.Equal("body", rig.Get("a"));
        rig.Store.PurgeTag(Bytes("t"));
        Assert.Null(rig.Get("a"));
    }

    [Fact]
    public void RefreshOfAnEntryWithAnotherBody_IsRefused()
    {
        using var rig = new StoreRig();
        rig.Fill("a", "one");
        Assert.True(rig.Store.TryGet(Bytes("a"), out var lease));
        rig.Fill("a", "two");
        Assert.False(rig.Store.UpdateHead(ref lease, Bytes("head of one"), 1L));
        Assert.Equal("one", Text(Body(lease)));
        lease.Dispose();
        Assert.Equal("two", rig.Get("a"));
    }

    [Fact]
    public void RefreshedEntry_GivesAllItsMemoryBack()
    {
        using var rig = new StoreRig();
        rig.Fill("warm", "a slab of rows");
        long before = rig.Store.Counts.Bytes;
        rig.Fill("a", "body");
        for (int again = 0; again < 3; again++)
        {
            Assert.True(rig.Store.TryGet(Bytes("a"), out var lease));
            Assert.True(rig.Store.UpdateHead(ref lease, new byte[again * 500], 2L));
            lease.Dispose();
        }
        Assert.True(rig.Store.Remove(Bytes("a")));
        Assert.False(rig.Store.Remove(Bytes("a")));
        Assert.Equal(before, rig.Store.Counts.Bytes);
    }

    [Fact]
    public void EvictedEntry_StaysWholeWhileItIsLeased()
    {
        using var rig = new StoreRig(capacityBytes: 256 * 1024);
        byte[] body = new byte[20_000];
        Random.Shared.NextBytes(body);
        rig.Fill("held", body);
        Assert.True(rig.Store.TryGet(Bytes("held"), out var lease));
        rig.Store.Remove(Bytes("held"));
        for (int other = 0; other < 500; other++) rig.Fill("other" + other, new byte[3000]);
        Assert.Null(rig.Get("held"));
        Assert.Equal(body, Body(lease));
        lease.Dispose();
        Assert.True(rig.Store.Counts.EvictionsTotal > 300);
    }

    [Theory]
    [InlineData(64 * 1024, 1)]
    [InlineData(300_000, 1)]
    [InlineData(3_000_000, 4)]
    public void Capacity_IsNeverExceeded(int capacityBytes, int shards)
    {
        using var rig = new StoreRig(capacityBytes, maxEntryBytes: 16 * 1024, shards: shards);
        var random = new Random(1);
        for (int each = 0; each < 20_000; each++)
        {
            rig.Fill("key" + random.Next(10_000), new byte[random.Next(12_000) >> random.Next(8)]);
            var counts = rig.Store.Counts;
            Assert.InRange(counts.Bytes, 0, capacityBytes);
            Assert.InRange(counts.ReservedBytes, counts.Bytes, capacityBytes);
        }
        Assert.True(rig.Store.Counts.Entries > capacityBytes / 20_000);
    }

    [Fact]
    public void LeasesOnEverything_RefuseFillsAndLoseNothing()
    {
        using var rig = new StoreRig(capacityBytes: 128 * 1024, maxEntryBytes: 32 * 1024);
        var leases = new List<CacheLease>();
        for (int each = 0; each < 100; each++)
        {
            if (rig.Fill("a" + each, new byte[4000]) && rig.Store.TryGet(Bytes("a" + each), out var lease))
                leases.Add(lease);
        }
        Assert.InRange(leases.Count, 15, 32);
        Assert.False(rig.Fill("more", new byte[4000]));
        Assert.True(rig.Store.Counts.RefusedTotal > 0);
        foreach (var lease in leases)
        {
            Assert.Equal(new byte[4000], Body(lease));
            lease.Dispose();
        }
        Assert.True(rig.Fill("more", new byte[4000]));
    }

    [Fact]
    public void FillsUnderWay_TakeHalfOfTheMemoryAtMost()
    {
        using var rig = new StoreRig(capacityBytes: 256 * 1024, maxEntryBytes: 64 * 1024);
        var fills = Enumerable.Range(0, 20).Select(each => rig.Store.Begin(Bytes("f" + each), 16_000)).ToList();
        int taken = fills.Count(fill => fill.Append(new byte[16_000]));
        Assert.InRange(taken, 6, 8);
        Assert.InRange(rig.Store.Counts.FillBytes, 90_000, 128 * 1024);
        Assert.Equal(20, rig.Store.Counts.FillsUnderWay);
        int stored = fills.Count(fill => fill.Commit(Bytes("head"), 0L, default, default));
        Assert.Equal(taken, stored);
        AssertNoFills(rig.Store);
    }

    [Fact]
    public void TooManyTagsOrTooLongAKey_AreNotStored()
    {
        using var rig = new StoreRig();
        Assert.True(rig.Fill("a", "x", tags: string.Join(' ', Enumerable.Range(0, CacheLimits.TagsPerEntry))));
        Assert.False(rig.Fill("b", "x", tags: string.Join(' ', Enumerable.Range(0, CacheLimits.TagsPerEntry + 1))));
        Assert.False(rig.Fill(new string('k', CacheLimits.KeyBytes + 1), "x"));
        AssertNoFills(rig.Store);
    }

    [Fact]
    public void Resize_ShrinksAtOnceAndGrowsAgain()
    {
        using var rig = new StoreRig(capacityBytes: 8 * 1024 * 1024, maxEntryBytes: 64 * 1024);
        for (int each = 0; each < 3000; each++) rig.Fill("a" + each, new byte[4000]);
        Assert.InRange(rig.Store.Counts.Entries, 1600, 2048);
        rig.Store.Resize(2 * 1024 * 1024, 64 * 1024);
        var counts = rig.Store.Counts;
        Assert.InRange(counts.Entries, 100, 500);
        Assert.InRange(counts.Bytes, 0, 2 * 1024 * 1024);
        Assert.InRange(counts.ReservedBytes, 0, 4 * 1024 * 1024);
        Assert.Equal(2 * 1024 * 1024, counts.CapacityBytes);
        rig.Store.Resize(32 * 1024 * 1024, 64 * 1024);
        for (int each = 0; each < 6000; each++) rig.Fill("b" + each, new byte[4000]);
        for (int each = 0; each < 6000; each++) Assert.NotNull(rig.Get("b" + each));
        Assert.Equal(32 * 1024 * 1024, rig.Store.Counts.CapacityBytes);
    }

    internal static void AssertNoFills(CacheStore store)
    {
        Assert.Equal(0, store.Counts.FillsUnderWay);
        Assert.Equal(0, store.Counts.FillBytes);
    }

    private static bool Ended(CacheFill fill)
    {
        fill.Abort();
        return true;
    }
}
