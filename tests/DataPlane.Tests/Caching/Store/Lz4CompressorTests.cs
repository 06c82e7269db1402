using System.Text;
using DataPlane.Gateway.Caching.Store;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>The system's LZ4, and what the store does with it.</summary>
public sealed class Lz4CompressorTests
{
    private static readonly IBlockCompressor s_lz4 = BlockCompressors.Find()
        ?? throw new InvalidOperationException("liblz4.so.1 is missing: install liblz4-1");

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(65_536)]
    public void PackedBlock_IsUnpackedToWhatItWas(int length)
    {
        byte[] block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000)))[..length];
        byte[] packed = new byte[length + 1000];
        int bytes = s_lz4.Pack(block, packed);
        Assert.InRange(bytes, 1, length + 300);
        byte[] unpacked = new byte[length];
        Assert.True(s_lz4.TryUnpack(packed.AsSpan(0, bytes), unpacked));
        Assert.Equal(block, unpacked);
        Assert.False(s_lz4.TryUnpack(packed.AsSpan(0, bytes - 1), unpacked));
        Assert.False(s_lz4.TryUnpack(packed.AsSpan(0, bytes), new byte[length + 1]));
        if (length > 1) Assert.False(s_lz4.TryUnpack(packed.AsSpan(0, bytes), new byte[length - 1]));
    }

    [Fact]
    public void RandomBytes_AreNotPackedIntoLess()
    {
        byte[] block = new byte[10_000];
        Random.Shared.NextBytes(block);
        Assert.Equal(0, s_lz4.Pack(block, new byte[9_000]));
    }

    [Fact]
    public void LongBody_IsPackedInTheBackgroundAndReadAsItWas()
    {
        byte[] body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 40_000)));
        using var rig = new StoreRig(compressor: s_lz4);
        Assert.True(rig.Fill("text", body, tags: "t", meta: 5));
        Assert.True(rig.Store.TryGet(Bytes("text"), out var before));
        long bytes = rig.Store.Counts.Bytes;
        AwaitThat(() => rig.Store.Counts.SavedBytes > 0);
        Assert.Equal(body, Body(before));
        before.Dispose();
        AwaitThat(() => rig.Store.Counts.Bytes < bytes);
        Assert.True(rig.Store.TryGet(Bytes("text"), out var lease));
        Assert.True(lease.IsPacked);
        Assert.Equal(5, lease.Meta<long>());
        Assert.Equal("head of text", Text(lease.Head.Span));
        Assert.True(rig.Store.UpdateHead(ref lease, Bytes("new"), 6L));
        Assert.True(lease.IsPacked);
        Assert.Equal(body, Body(lease));
        lease.Dispose();
        Assert.True(rig.Store.Remove(Bytes("text")));
        Assert.Equal(0, rig.Store.Counts.SavedBytes);
    }

    [Fact]
    public void BodyThatDoesNotShrink_StaysAsItIs()
    {
        byte[] body = new byte[100_000];
        Random.Shared.NextBytes(body);
        using var rig = new StoreRig(capacityBytes: 4 * 1024 * 1024, compressor: s_lz4);
        rig.Fill("image", body);
        rig.Fill("text", new byte[100_000]);
        AwaitThat(() => rig.Store.Counts.SavedBytes > 0);
        Assert.True(rig.Store.TryGet(Bytes("image"), out var lease));
        Assert.False(lease.IsPacked);
        Assert.Equal(body, Body(lease));
        lease.Dispose();
    }

    [Fact]
    public void OtherLeastLength_HoldsForWhatComes()
    {
        using var rig = new StoreRig(capacityBytes: 4 * 1024 * 1024, compressor: s_lz4);
        rig.Store.PackFrom(int.MaxValue);
        rig.Fill("before", new byte[50_000]);
        rig.Store.PackFrom(50_000);
        rig.Fill("shorter", new byte[49_999]);
        rig.Fill("after", new byte[50_000]);
        AwaitThat(() => rig.Store.Counts.SavedBytes > 0);
        Assert.Equal((false, false, true), (IsPacked("before"), IsPacked("shorter"), IsPacked("after")));

        bool IsPacked(string key)
        {
            Assert.True(rig.Store.TryGet(Bytes(key), out var lease));
            bool isPacked = lease.IsPacked;
            lease.Dispose();
            return isPacked;
        }
    }

    private static void AwaitThat(Func<bool> isSo) =>
        Assert.True(SpinWait.SpinUntil(isSo, TimeSpan.FromSeconds(20)), "not packed in time");
}
