using DataPlane.Gateway.Caching.Store;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>A purge is at work at once, on what was there and on what is still on its way; the sweep follows.</summary>
public sealed class PurgeTests : IDisposable
{
    private readonly StoreRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(nameof(PurgeKind.Url), "/a/1", "b2 b3 c1")]
    [InlineData(nameof(PurgeKind.Prefix), "/a", "b3 c1")]
    [InlineData(nameof(PurgeKind.Tag), "blue", "b2 c1")]
    [InlineData(nameof(PurgeKind.Tag), "blu", "a1 b2 b3 c1")]
    [InlineData(nameof(PurgeKind.All), "", "")]
    public void Purge_MeetsWhatItNamesAndNothingElse(string kind, string text, string left)
    {
        foreach (bool isSoft in (bool[])[false, true])
        {
            _rig.Fill("a1", "x", tags: "red blue", url: "/a/1");
            _rig.Fill("b2", "x", tags: "red", url: "/a/12");
            _rig.Fill("b3", "x", tags: "bluer blue", url: "/b/a");
            _rig.Fill("c1", "x");
            Purge(Enum.Parse<PurgeKind>(kind), text, isSoft);
            foreach (bool isSwept in (bool[])[false, true])
            {
                if (isSwept) _rig.Time.Advance(TimeSpan.FromSeconds(2));
                foreach (string key in (string[])["a1", "b2", "b3", "c1"])
                {
                    string? expected = left.Split(' ').Contains(key) ? "x" : isSoft ? "~x" : null;
                    Assert.Equal(expected, _rig.Get(key));
                }
            }
        }
    }

    [Fact]
    public void SweptEntries_GiveTheirMemoryBack()
    {
        _rig.Fill("other", "x", tags: "other");
        long before = _rig.Store.Counts.Bytes;
        for (int each = 0; each < 10; each++) _rig.Fill("a" + each, new byte[5000], tags: "t");
        _rig.Store.PurgeTag("t"u8);
        Assert.Equal(11, _rig.Store.Counts.Entries);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, _rig.Store.Counts.Entries);
        Assert.Equal(10, _rig.Store.Counts.PurgedTotal);
        Assert.Equal(before, _rig.Store.Counts.Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ResponseAskedForBeforeAHardPurge_IsNotStored(bool isSwept)
    {
        long stamp = _rig.Store.Stamp;
        var fill = _rig.Store.Begin("a"u8, 1);
        _rig.Store.PurgeTag("t"u8);
        if (isSwept) _rig.Time.Advance(TimeSpan.FromSeconds(2));
        fill.Append("x"u8);
        Assert.False(fill.Commit(default, 0L, "t"u8, default));
        Assert.False(_rig.Fill("b", "x", tags: "t", stamp: stamp));
        Assert.True(_rig.Fill("c", "x", tags: "other", stamp: stamp));
        Assert.True(_rig.Fill("d", "x", tags: "t"));
        Assert.Null(_rig.Get("a"));
        Assert.Equal("x", _rig.Get("d"));
        CacheStoreTests.AssertNoFills(_rig.Store);
    }

    [Fact]
    public void ResponseAskedForBeforeASoftPurge_IsStoredAsPurged()
    {
        long stamp = _rig.Store.Stamp;
        _rig.Store.PurgePrefix("/a"u8, isSoft: true);
        Assert.True(_rig.Fill("a", "x", url: "/a", stamp: stamp));
        Assert.Equal("~x", _rig.Get("a"));
    }

    [Fact]
    public void ResponseOlderThanThePurgesRemembered_IsNotStored()
    {
        long stamp = _rig.Store.Stamp;
        for (int each = 0; each < CacheLimits.RecentPurges; each++) _rig.Store.PurgeTag(Bytes("t" + each));
        Assert.True(_rig.Fill("a", "x", stamp: stamp));
        _rig.Store.PurgeTag("one more"u8);
        Assert.False(_rig.Fill("b", "x", stamp: stamp));
        Assert.True(_rig.Fill("c", "x"));
    }

    [Fact]
    public void ManyPurges_AreSweptWithoutWaiting()
    {
        for (int each = 0; each < 1000; each++) _rig.Fill("a" + each, "x", tags: "t" + each);
        for (int each = 0; each < 1000; each += 2) _rig.Store.PurgeTag(Bytes("t" + each));
        Assert.InRange(_rig.Store.Counts.Entries, 500, 500 + CacheLimits.ActivePurges);
        for (int each = 0; each < 1000; each++) Assert.Equal(each % 2 == 0 ? null : "x", _rig.Get("a" + each));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5000)]
    public void UrlOfManyVariants_IsPurgedWhole(int variants)
    {
        for (int each = 0; each < variants; each++)
        {
            _rig.Fill("v" + each, "x", url: "/a");
            if (each % 3 == 0) _rig.Store.Remove(Bytes("v" + (each / 2)));
        }
        _rig.Fill("other", "x", url: "/b");
        long stamp = _rig.Store.Stamp;
        _rig.Store.PurgeUrl("/a"u8);
        Assert.Equal(1, _rig.Store.Counts.Entries);
        Assert.False(_rig.Fill("late", "x", url: "/a", stamp: stamp));
        Assert.True(_rig.Fill("new", "x", url: "/a"));
        Assert.Equal("x", _rig.Get("other"));
    }

    [Fact]
    public void RemovedKey_IsGoneAndItsLateResponseIsNotStored()
    {
        _rig.Fill("a", "x");
        long stamp = _rig.Store.Stamp;
        var fill = _rig.Store.Begin("a"u8, 1);
        Assert.True(_rig.Store.Remove("a"u8));
        Assert.Null(_rig.Get("a"));
        fill.Append("y"u8);
        Assert.False(fill.Commit(default, 0L, default, default));
        Assert.False(_rig.Fill("a", "y", stamp: stamp));
        Assert.True(_rig.Fill("a", "z"));
        Assert.Equal("z", _rig.Get("a"));
        Assert.True(_rig.Store.Remove("a"u8, isSoft: true));
        Assert.Equal("~z", _rig.Get("a"));
    }

    [Fact]
    public void ValidatedEntry_IsFreshAgainUnlessAPurgeCameMeanwhile()
    {
        _rig.Fill("a", "x", tags: "t");
        _rig.Store.PurgeTag("t"u8, isSoft: true);
        Assert.True(_rig.Store.TryGet("a"u8, out var lease));
        Assert.True(lease.IsSoftPurged);
        Assert.True(_rig.Store.UpdateHead(ref lease, "h"u8, 0L));
        Assert.False(lease.IsSoftPurged);
        _rig.Store.PurgeTag("t"u8, isSoft: true);
        Assert.True(_rig.Store.UpdateHead(ref lease, "h"u8, 0L));
        Assert.Equal("~x", _rig.Get("a"));
        lease.Dispose();
        Assert.True(_rig.Store.TryGet("a"u8, out lease));
        _rig.Store.PurgeTag("t"u8);
        Assert.False(_rig.Store.UpdateHead(ref lease, "h"u8, 0L));
        lease.Dispose();
        Assert.Null(_rig.Get("a"));
    }

    private void Purge(PurgeKind kind, string text, bool isSoft)
    {
        byte[] bytes = Bytes(text);
        if (kind == PurgeKind.Url) _rig.Store.PurgeUrl(bytes, isSoft);
        else if (kind == PurgeKind.Prefix) _rig.Store.PurgePrefix(bytes, isSoft);
        else if (kind == PurgeKind.Tag) _rig.Store.PurgeTag(bytes, isSoft);
        else _rig.Store.PurgeAll(isSoft);
    }
}
