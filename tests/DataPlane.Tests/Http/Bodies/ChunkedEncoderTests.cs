using System.Globalization;
using DataPlane.Http.Bodies;

namespace DataPlane.Tests.Http.Bodies;

public sealed class ChunkedEncoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65536)]
    [InlineData(0x0abcdef1)]
    [InlineData(int.MaxValue)]
    public void SizeLine_IsShortestHexAndCrlf(int length)
    {
        var line = new byte[ChunkedEncoder.MaxSizeLineBytes];
        var written = ChunkedEncoder.WriteSizeLine(line, length);
        Assert.Equal(
            length.ToString("x", CultureInfo.InvariantCulture) + "\r\n", Latin1.Text(line.AsSpan(0, written)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void SizeThatWouldEndTheBody_IsOurMistake(int length) => Assert.Throws<ArgumentOutOfRangeException>(
        () => ChunkedEncoder.WriteSizeLine(new byte[ChunkedEncoder.MaxSizeLineBytes], length));

    [Fact]
    public void WrittenChunks_AreReadBack()
    {
        var line = new byte[ChunkedEncoder.MaxSizeLineBytes];
        var written = ChunkedEncoder.WriteSizeLine(line, 11);
        var body = Latin1.Text(line.AsSpan(0, written)) + "hello world"
            + Latin1.Text(ChunkedEncoder.Crlf) + Latin1.Text(ChunkedEncoder.FinalChunk);
        Assert.Equal(
            new ChunkVerdict(ChunkStatus.End, ChunkFault.None, "hello world", body.Length), ChunkVerdict.Of(body));
    }
}
