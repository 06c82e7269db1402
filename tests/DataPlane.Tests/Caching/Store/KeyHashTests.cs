using DataPlane.Gateway.Caching.Store;

namespace DataPlane.Tests.Caching.Store;

/// <summary>A key of the process, and the published function.</summary>
public sealed class KeyHashTests
{
    /// <summary>
    /// Key 00..0f, message 00..(n-1), by another implementation, which also gives the published values of 2-4.
    /// </summary>
    [Theory]
    [InlineData(0, 0xabac0158050fc4dc)]
    [InlineData(1, 0xc9f49bf37d57ca93)]
    [InlineData(7, 0xd3927d989bb11140)]
    [InlineData(8, 0x369095118d299a8e)]
    [InlineData(63, 0x9d199062b7bbb3a8)]
    public void KnownMessages_HaveTheirKnownHash(int length, ulong expected)
    {
        var hash = new KeyHash(0x0706050403020100, 0x0f0e0d0c0b0a0908);
        byte[] message = [.. Enumerable.Range(0, length).Select(each => (byte)each)];
        Assert.Equal(expected, hash.Of(message));
    }

    [Fact]
    public void TwoProcesses_HashDifferently() =>
        Assert.NotEqual(KeyHash.Random().Of("a"u8), KeyHash.Random().Of("a"u8));
}
