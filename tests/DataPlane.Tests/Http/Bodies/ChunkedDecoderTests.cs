using DataPlane.Http.Bodies;

namespace DataPlane.Tests.Http.Bodies;

public sealed class ChunkedDecoderTests
{
    public static TheoryData<string, ChunkFault> BadBodies => new()
    {
        { "\r\n", ChunkFault.BadSize },
        { "g\r\n", ChunkFault.BadSize },
        { "-1\r\n", ChunkFault.BadSize },
        { "+1\r\n", ChunkFault.BadSize },
        { " 1\r\n", ChunkFault.BadSize },
        { "1 \r\n", ChunkFault.BadSize },
        { "1\t\r\n", ChunkFault.BadSize },
        { "1 ;a\r\n", ChunkFault.BadSize },
        { "0x1\r\n", ChunkFault.BadSize },
        { "1,2\r\n", ChunkFault.BadSize },
        { ";a\r\n", ChunkFault.BadSize },
        { "\n", ChunkFault.BadSize },
        { "\u00b2\r\n", ChunkFault.BadSize },
        { "1\r\na\r\n\r\n", ChunkFault.BadSize },
        { "00000000000000001\r\n", ChunkFault.SizeTooLarge },
        { "8000000000000000\r\n", ChunkFault.SizeTooLarge },
        { "ffffffffffffffff\r\n", ChunkFault.SizeTooLarge },
        { "10000000000000000\r\n", ChunkFault.SizeTooLarge },
        { "ffffffffffffffff;a\r\n", ChunkFault.SizeTooLarge },
        { "1\na\r\n", ChunkFault.BareLineFeed },
        { "0\n\n", ChunkFault.BareLineFeed },
        { "1;a\nb\r\n", ChunkFault.BareLineFeed },
        { "1;\na\r\n", ChunkFault.BareLineFeed },
        { "1;a=\"\n\"\r\n", ChunkFault.BareLineFeed },
        { "0\r\n\n", ChunkFault.BareLineFeed },
        { "0\r\na: b\n\r\n", ChunkFault.BareLineFeed },
        { "1\ra", ChunkFault.BareCarriageReturn },
        { "1\r\r\n", ChunkFault.BareCarriageReturn },
        { "1;a\rb\r\n", ChunkFault.BareCarriageReturn },
        { "0\r\n\rX", ChunkFault.BareCarriageReturn },
        { "0\r\na: b\rc\r\n\r\n", ChunkFault.BareCarriageReturn },
        { "1;\r\n", ChunkFault.BadExtension },
        { "1;\ra", ChunkFault.BadExtension },
        { "1; a\r\n", ChunkFault.BadExtension },
        { "1;a b\r\n", ChunkFault.BadExtension },
        { "1;a =b\r\n", ChunkFault.BadExtension },
        { "1;a=\r\n", ChunkFault.BadExtension },
        { "1;a= b\r\n", ChunkFault.BadExtension },
        { "1;=b\r\n", ChunkFault.BadExtension },
        { "1;a;\r\n", ChunkFault.BadExtension },
        { "1;;a\r\n", ChunkFault.BadExtension },
        { "1;a=b\"\r\n", ChunkFault.BadExtension },
        { "1;a=\"b\"c\r\n", ChunkFault.BadExtension },
        { "1;a=\"b\r\n", ChunkFault.BadExtension },
        { "1;a=\"\\\r\n", ChunkFault.BadExtension },
        { "1;a=\"\0\"\r\n", ChunkFault.BadExtension },
        { "1;a=(\r\n", ChunkFault.BadExtension },
        { "1;a\0\r\n", ChunkFault.BadExtension },
        { "1;a\u00e9\r\n", ChunkFault.BadExtension },
        { $"1;{new string('a', 61)}\r\n", ChunkFault.ExtensionTooLong },
        { string.Concat(Enumerable.Repeat($"1;{new string('a', 50)}\r\nx\r\n", 3)), ChunkFault.ExtensionTooLong },
        { "1\r\nab", ChunkFault.MissingDataEnd },
        { "1\r\na\n", ChunkFault.MissingDataEnd },
        { "1\r\na\rb", ChunkFault.MissingDataEnd },
        { "1\r\na\r\r\n", ChunkFault.MissingDataEnd },
        { "1\r\na0\r\n\r\n", ChunkFault.MissingDataEnd },
        { "0\r\n a: b\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\na: b\r\n c\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\n: b\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\na : b\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\na\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\na: \0\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\na: \u007f\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\n0\r\n\r\n", ChunkFault.BadTrailer },
        { "0\r\nGET / HTTP/1.1\r\n\r\n", ChunkFault.BadTrailer },
        { $"0\r\na: {new string('b', 200)}\r\n\r\n", ChunkFault.TrailerTooLarge },
        { "0\r\na:1\r\nb:2\r\nc:3\r\nd:4\r\ne:5\r\n\r\n", ChunkFault.TooManyTrailers },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public void BadBody_IsRefused(string body, ChunkFault expected)
    {
        var verdict = ChunkVerdict.Of(body);
        Assert.Equal((ChunkStatus.Invalid, expected), (verdict.Status, verdict.Fault));
    }

    [Theory]
    [InlineData("0\r\n\r\n", "")]
    [InlineData("00000000\r\n\r\n", "")]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", "abc")]
    [InlineData("0000000000000003\r\nabc\r\n0\r\n\r\n", "abc")]
    [InlineData("A\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n", "0123456789x")]
    [InlineData("4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n")]
    [InlineData("1;a\r\nx\r\n0;b=c\r\n\r\n", "x")]
    [InlineData("1;a=b;c;d=\"e; \\\"\\\\\t\u00e9\"\r\nx\r\n0\r\n\r\n", "x")]
    [InlineData("1;a=\"\"\r\nx\r\n0\r\n\r\n", "x")]
    [InlineData("1\r\nx\r\n0\r\na: b\r\nContent-Length: 7\r\nc:\r\n\r\n", "x")]
    public void GoodBody_IsDecoded(string body, string content)
    {
        var verdict = ChunkVerdict.Of(body);
        Assert.Equal(new ChunkVerdict(ChunkStatus.End, ChunkFault.None, content, body.Length), verdict);
    }

    [Fact]
    public void BytesBehindTheBody_AreNotConsumed()
    {
        var verdict = ChunkVerdict.Of("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
        Assert.Equal((ChunkStatus.End, "1\r\nx\r\n0\r\n\r\n".Length), (verdict.Status, verdict.Consumed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5\r\nabc")]
    [InlineData("3\r\nabc\r\n")]
    [InlineData("0\r\n")]
    [InlineData("0\r\na: b\r\n\r")]
    public void CutBody_HasNotEnded(string body)
    {
        var verdict = ChunkVerdict.Read(Latin1.Bytes(body), [body.Length], new ChunkedDecoder(200, 4, 60));
        Assert.Equal((ChunkStatus.NeedMore, ChunkFault.None), (verdict.Status, verdict.Fault));
    }

    [Fact]
    public void LargestChunk_IsMeasuredWithoutOverflow()
    {
        var decoder = new ChunkedDecoder(0, 0, 0);
        decoder.Read("7fffffffffffffff\r\n"u8, out _, out _);
        Assert.Equal(ChunkStatus.Data, decoder.Read("abc"u8, out var consumed, out _));
        Assert.Equal(3, consumed);
        Assert.Equal(ChunkStatus.Data, decoder.Read("\r\n"u8, out _, out _));
    }

    [Fact]
    public void LimitsOfZero_AllowBareBodiesOnly()
    {
        var strict = new ChunkedDecoder(0, 0, 0);
        Assert.Equal(ChunkStatus.End, ChunkVerdict.Of("1\r\nx\r\n0\r\n\r\n", strict).Status);
        Assert.Equal(ChunkFault.ExtensionTooLong, ChunkVerdict.Of("1;a\r\nx\r\n0\r\n\r\n", strict).Fault);
        Assert.Equal(ChunkFault.TrailerTooLarge, ChunkVerdict.Of("0\r\na:b\r\n\r\n", strict).Fault);
    }

    [Fact]
    public void Limits_AreExact()
    {
        Assert.Equal(ChunkStatus.End, ChunkVerdict.Of($"0;{new string('a', 60)}\r\n\r\n").Status);
        // A trailer costs its line with CRLF.
        Assert.Equal(ChunkStatus.End, ChunkVerdict.Of($"0\r\n{"a:".PadRight(198, 'b')}\r\n\r\n").Status);
        Assert.Equal(ChunkFault.TrailerTooLarge, ChunkVerdict.Of($"0\r\n{"a:".PadRight(199, 'b')}\r\n\r\n").Fault);
    }

    [Fact]
    public void EveryFault_HasATestAndTextsOfItsOwn()
    {
        var faults = Enum.GetValues<ChunkFault>();
        Assert.Empty(faults.Except(BadBodies.Select(row => (ChunkFault)row[1]).Append(ChunkFault.None)));
        Assert.Equal(faults.Length, faults.Select(ChunkFaults.Detail).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(faults.Length, faults.Select(ChunkFaults.MetricLabel).Distinct(StringComparer.Ordinal).Count());
    }
}
