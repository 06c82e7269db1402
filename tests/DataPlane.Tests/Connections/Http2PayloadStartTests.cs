using DataPlane.Gateway.Connections;

namespace DataPlane.Tests.Connections;

public sealed class Http2PayloadStartTests
{
    private const byte Padded = 0x8;
    private const byte HasPriority = 0x20;

    [Theory]
    [InlineData(0, new byte[] { 0x82, 0x20, 0x20, 0x20 }, 0)]
    [InlineData(0, new byte[] { 0x20, 0x3f, 0xe1, 0x1f, 0x82 }, 0)]
    [InlineData(0, new byte[] { 0x20, 0x20, 0x20, 0x20, 0x82, 0x20 }, 2)]
    [InlineData(0, new byte[] { 0x3f, 0xe1, 0x1f, 0x3f, 0xff, 0xff, 0x1f, 0x20, 0x20 }, 2)]
    [InlineData(Padded, new byte[] { 2, 0x20, 0x20, 0x20, 0x20, 0x20 }, 1)]
    [InlineData(HasPriority, new byte[] { 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20 }, 1)]
    [InlineData(Padded | HasPriority, new byte[] { 1, 0x20, 0, 0, 0, 0, 0x20, 0x20, 0x20, 0x20 }, 1)]
    [InlineData(Padded, new byte[] { 200, 0x20, 0x20, 0x20, 0x20 }, 0)]
    public void ChangesOfTheTable_AreCountedBeyondTwo(byte flags, byte[] payload, int expected)
    {
        for (int piece = 1; piece <= payload.Length; piece++)
        {
            var start = new Http2PayloadStart();
            start.BeginHead(payload.Length, flags);
            Assert.Equal(expected, Read(ref start, payload, piece));
        }
    }

    [Fact]
    public void ChangesInPieces_AreCountedTogether()
    {
        var start = new Http2PayloadStart();
        start.BeginHead(3, Padded);
        Assert.Equal(0, Read(ref start, [2, 0, 0], piece: 3));
        start.ContinueHead(2);
        Assert.Equal(0, Read(ref start, [0x20, 0x3f], piece: 1));
        start.ContinueHead(4);
        Assert.Equal(1, Read(ref start, [0xe1, 0x1f, 0x20, 0x82], piece: 2));
        start.ContinueHead(2);
        Assert.Equal(0, Read(ref start, [0x20, 0x20], piece: 2));
    }

    [Theory]
    [InlineData(new byte[] { 0 }, true)]
    [InlineData(new byte[] { 2, 0, 0 }, true)]
    [InlineData(new byte[] { 2, 0, 0, 0 }, false)]
    [InlineData(new byte[] { 0, 0x20 }, false)]
    public void PaddedData_IsToldFromPadding(byte[] payload, bool expected)
    {
        var start = new Http2PayloadStart();
        Assert.True(start.BeginData(payload.Length, Padded));
        start.Read([], out bool isOnlyPadding);
        Assert.False(isOnlyPadding);
        start.Read(payload, out isOnlyPadding);
        Assert.Equal(expected, isOnlyPadding);
        Assert.False(start.IsWanted);
    }

    [Fact]
    public void PlainData_IsNotLookedAt()
    {
        var start = new Http2PayloadStart();
        Assert.False(start.BeginData(5, flags: 0));
        Assert.False(start.IsWanted);
    }

    private static int Read(ref Http2PayloadStart start, byte[] payload, int piece)
    {
        int changes = 0;
        foreach (byte[] each in payload.Chunk(piece)) changes += start.Read(each, out _);
        return changes;
    }
}
