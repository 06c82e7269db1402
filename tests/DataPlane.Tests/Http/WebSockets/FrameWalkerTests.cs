using DataPlane.Http.WebSockets;
using DataPlane.Tests.Functional.Tunnels;

namespace DataPlane.Tests.Http.WebSockets;

/// <summary>Where frames end, whatever pieces they come in.</summary>
public sealed class FrameWalkerTests
{
    public static TheoryData<int, bool> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, bool>();
            foreach (int length in new[] { 0, 1, 5, 124, 125, 126, 127, 65_535, 65_536, 70_000 })
            {
                shapes.Add(length, false);
                shapes.Add(length, true);
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Frame_EndsWhereItsHeaderSays(int length, bool isMasked)
    {
        byte[] frame = TunnelPair.Frame(2, new byte[length], isMasked ? 1u : null);
        byte[] more = [.. frame, 0x89, 0];
        var walker = new FrameWalker();
        Assert.True(walker.IsBetweenFrames);
        Assert.Equal(frame.Length, walker.Take(more));
        Assert.True(walker.IsBetweenFrames);
        Assert.Equal(2, walker.Take(more.AsSpan(frame.Length)));
        Assert.True(walker.IsBetweenFrames);
        Assert.False(walker.HasClosed);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(300, false)]
    [InlineData(300, true)]
    [InlineData(66_000, true)]
    public void FrameSplitAnywhere_IsTheSameFrame(int length, bool isMasked)
    {
        byte[] frame = TunnelPair.Frame(2, new byte[length], isMasked ? 1u : null);
        for (int split = 0; split <= Math.Min(frame.Length, 20); split++)
        {
            var walker = new FrameWalker();
            Assert.True(walker.Walk(frame.AsSpan(0, split)));
            Assert.Equal(split == 0 || split == frame.Length, walker.IsBetweenFrames);
            Assert.Equal(frame.Length - split, split == frame.Length ? 0 : walker.Take(frame.AsSpan(split)));
            Assert.True(walker.IsBetweenFrames);
        }
    }

    [Fact]
    public void RandomFramesInRandomPieces_EndTogether()
    {
        var random = new Random(20_261_122);
        for (int round = 0; round < 500; round++)
        {
            using var bytes = new MemoryStream();
            var ends = new HashSet<long> { 0 };
            for (int frame = random.Next(1, 8); frame > 0; frame--)
            {
                int length = new[] { 0, random.Next(126), random.Next(1000), 70_000 }[random.Next(4)];
                bytes.Write(TunnelPair.Frame(random.Next(8), new byte[length], random.Next(2) == 0 ? null : 9u));
                ends.Add(bytes.Length);
            }
            byte[] all = bytes.ToArray();
            var walker = new FrameWalker();
            for (int at = 0; at < all.Length;)
            {
                int piece = Math.Min(all.Length - at, random.Next(3) == 0 ? 1 : random.Next(1, 40_000));
                Assert.True(walker.Walk(all.AsSpan(at, piece)));
                at += piece;
                Assert.Equal(ends.Contains(at), walker.IsBetweenFrames);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CloseFrame_IsSeenWhenItIsWhole(bool isMasked)
    {
        byte[] close = TunnelPair.Close(1000, isMasked ? 3u : null);
        var walker = new FrameWalker();
        walker.Walk(close.AsSpan(0, close.Length - 1));
        Assert.False(walker.HasClosed);
        walker.Walk(close.AsSpan(close.Length - 1));
        Assert.True(walker.HasClosed);
    }

    [Fact]
    public void EmptyCloseFrame_IsSeen()
    {
        var walker = new FrameWalker();
        walker.Walk([0x88]);
        walker.Walk([0x00]);
        Assert.True(walker.HasClosed);
    }

    [Fact]
    public void LengthOfTheLargestFrame_IsFollowed()
    {
        var walker = new FrameWalker();
        Assert.True(walker.Walk([0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        Assert.Equal(long.MaxValue, walker.PayloadLeft);
        walker.Skip(long.MaxValue);
        Assert.True(walker.IsBetweenFrames);
    }

    [Fact]
    public void LengthThatNoFrameHas_LosesTheWay()
    {
        var walker = new FrameWalker();
        Assert.False(walker.Walk([0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]));
        Assert.True(walker.IsLost);
        Assert.False(walker.Walk([1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("going away")]
    public void CloseFramesWeWrite_AreWhatTheTestsRead(string reason)
    {
        byte[] text = [0x03, 0xe9, .. System.Text.Encoding.UTF8.GetBytes(reason)];
        byte[] frame = new byte[CloseFrame.MaxBytes];
        int length = CloseFrame.Write(frame, CloseFrame.GoingAway, text.AsSpan(2));
        Assert.Equal(TunnelPair.Frame(8, text), frame[..length]);
        length = CloseFrame.WriteMasked(frame, CloseFrame.GoingAway, text.AsSpan(2), 0x04030201);
        Assert.Equal(TunnelPair.Frame(8, text, mask: 0x01020304), frame[..length]);
    }

    [Theory]
    [InlineData(TunnelPair.Key, true)]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEA==", true)]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEA=", false)]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBE=", false)]
    [InlineData("AQIDBAUGBwgJCgsMDQ4P", false)]
    [InlineData("AQIDBAUGBwgJCg MDQ4PEA==", false)]
    [InlineData("", false)]
    public void Key_IsTheBase64Of16Bytes(string key, bool isGood) =>
        Assert.Equal(isGood, WebSocketKey.IsValid(System.Text.Encoding.ASCII.GetBytes(key)));

    [Fact]
    public void Accept_IsTheStandardsExample()
    {
        byte[] accept = new byte[WebSocketKey.AcceptBytes];
        WebSocketKey.Accept(System.Text.Encoding.ASCII.GetBytes(TunnelPair.Key), accept);
        Assert.Equal(TunnelPair.Accept, System.Text.Encoding.ASCII.GetString(accept));
        byte[] key = new byte[WebSocketKey.KeyBytes];
        WebSocketKey.Create(key);
        Assert.True(WebSocketKey.IsValid(key));
    }
}
