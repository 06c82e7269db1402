using System.Text;
using DataPlane.Http.Bodies;

namespace DataPlane.Tests.Http.Bodies;

public sealed class TrailerFieldsTests
{
    [Theory]
    [InlineData("grpc-status", "0", "grpc-status: 0\r\n")]
    [InlineData("ETag", "\t\"a\" ", "ETag: \"a\"\r\n")]
    [InlineData("x", "", "x: \r\n")]
    public void Trailer_IsKeptTrimmed(string name, string value, string line)
    {
        var trailers = new TrailerFields();
        Assert.True(trailers.TryAdd(Latin1.Bytes(name), Latin1.Bytes(value)));
        Assert.Equal(line, Encoding.Latin1.GetString(trailers.Lines));
        var rest = trailers.Lines;
        Assert.True(TrailerFields.TryTake(ref rest, out var takenName, out var takenValue));
        Assert.Equal(name, Encoding.Latin1.GetString(takenName));
        Assert.Equal(value.Trim(), Encoding.Latin1.GetString(takenValue));
        Assert.False(TrailerFields.TryTake(ref rest, out _, out _));
    }

    [Theory]
    [InlineData("Content-Length", "1")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("Host", "a")]
    [InlineData("Trailer", "a")]
    [InlineData("Authorization", "a")]
    [InlineData("x-forwarded-for", "1.1.1.1")]
    [InlineData("X_Forwarded_For", "1.1.1.1")]
    [InlineData("Set-Cookie", "a=b")]
    [InlineData("bad name", "a")]
    [InlineData("", "a")]
    [InlineData("a", "b\r\nc: d")]
    [InlineData("a", "b\0")]
    public void FieldThatMayNotBeOne_IsLeftOut(string name, string value)
    {
        var trailers = new TrailerFields();
        Assert.False(trailers.TryAdd(Latin1.Bytes(name), Latin1.Bytes(value)));
        Assert.True(trailers.IsEmpty);
    }

    [Fact]
    public void TooMany_AreLeftOut()
    {
        var trailers = new TrailerFields();
        for (int each = 0; each < TrailerFields.MaxFields; each++) Assert.True(trailers.TryAdd("a"u8, "b"u8));
        Assert.False(trailers.TryAdd("a"u8, "b"u8));
        trailers.Clear();
        Assert.False(trailers.TryAdd("a"u8, new byte[TrailerFields.MaxBytes - 4].AsSpan().ToArray()));
        Assert.False(trailers.TryAdd("a"u8, Latin1.Bytes(new string('b', TrailerFields.MaxBytes - 4))));
        Assert.True(trailers.TryAdd("a"u8, Latin1.Bytes(new string('b', TrailerFields.MaxBytes - 5))));
    }

    [Fact]
    public void RemovedLine_LeavesTheOthers()
    {
        var trailers = new TrailerFields();
        trailers.TryAdd("a"u8, "1"u8);
        trailers.TryAdd("b"u8, "2"u8);
        trailers.TryAdd("c"u8, "3"u8);
        trailers.Remove(start: 6, length: 6);
        Assert.Equal("a: 1\r\nc: 3\r\n", Encoding.Latin1.GetString(trailers.Lines));
        Assert.Equal(2, trailers.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Decoder_GathersThemHoweverTheBytesCome(int step)
    {
        var trailers = new TrailerFields();
        var decoder = new ChunkedDecoder(8192, 64, 256, trailers: trailers);
        byte[] body = Latin1.Bytes("1\r\nx\r\n0\r\nX-Sum:9\r\nHost: evil\r\nempty:\r\nb:  c d \r\n\r\n");
        var status = ChunkStatus.NeedMore;
        for (int at = 0; at < body.Length;)
        {
            status = decoder.Read(body.AsSpan(at, Math.Min(step, body.Length - at)), out int consumed, out _);
            at += consumed;
        }
        if (status != ChunkStatus.End) status = decoder.Read(default, out _, out _);
        Assert.Equal(ChunkStatus.End, status);
        Assert.Equal("X-Sum: 9\r\nempty: \r\nb: c d\r\n", Encoding.Latin1.GetString(trailers.Lines));
    }

    [Fact]
    public void LineThatIsTooLong_IsLeftOut()
    {
        var trailers = new TrailerFields();
        var decoder = new ChunkedDecoder(64 * 1024, 64, 256, trailers: trailers);
        byte[] body = Latin1.Bytes($"0\r\na: b{new string(' ', 9000)}\r\nc: d\r\n\r\n");
        Assert.Equal(ChunkStatus.End, decoder.Read(body, out _, out _));
        Assert.Equal("c: d\r\n", Encoding.Latin1.GetString(trailers.Lines));
    }
}
