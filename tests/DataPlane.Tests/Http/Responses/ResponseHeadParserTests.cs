using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Tests.Http.Responses;

public sealed class ResponseHeadParserTests
{
    private static readonly HeadLimits s_smallLimits = new(HeadBytes: 100, LineBytes: 40, FieldCount: 2);

    public static TheoryData<string, ResponseFault> BadHeads => new()
    {
        { "HTTP/1.1 200 OK\nA: b\r\n\r\n", ResponseFault.BareLineFeed },
        { "HTTP/1.1 200\n\n", ResponseFault.BareLineFeed },
        { "HTTP/1.1 200 OK\r\nA: b\n\r\n", ResponseFault.BareLineFeed },
        { "HTTP/1.1 200 OK\rA", ResponseFault.BareCarriageReturn },
        { "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", ResponseFault.BareCarriageReturn },
        { "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", ResponseFault.LineFolding },
        { "HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n", ResponseFault.LineFolding },
        { "HTTP/1.1 200 OK\r\n: b\r\n\r\n", ResponseFault.EmptyFieldName },
        { "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", ResponseFault.SpaceInFieldName },
        { "HTTP/1.1 200 OK\r\nA(: b\r\n\r\n", ResponseFault.BadFieldName },
        { "HTTP/1.1 200 OK\r\nA\r\n\r\n", ResponseFault.MissingColon },
        { "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", ResponseFault.BadFieldValue },
        { "HTTP/1.1 200 OK\r\nA: \u007f\r\n\r\n", ResponseFault.BadFieldValue },
        { "HTTP/1.1 200 OK\r\nContent_Length: 1\r\n\r\n", ResponseFault.FramingAlias },
        { "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n", ResponseFault.BadContentLength },
        { "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", ResponseFault.BadContentLength },
        {
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            ResponseFault.ConflictingContentLength
        },
        {
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            ResponseFault.ContentLengthWithTransferEncoding
        },
        {
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            ResponseFault.DuplicateTransferEncoding
        },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", ResponseFault.BadTransferEncoding },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", ResponseFault.BadTransferEncoding },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", ResponseFault.UnknownTransferCoding },
        { "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ResponseFault.TransferEncodingInHttp10 },
        {
            $"HTTP/1.1 200 OK\r\nConnection: {string.Join(',', Enumerable.Repeat("a", 33))}\r\n\r\n",
            ResponseFault.TooManyConnectionOptions
        },
        { "\r\nHTTP/1.1 200 OK\r\n\r\n", ResponseFault.BadVersion },
        { "<html>", ResponseFault.BadVersion },
        { "http/1.1 200 OK\r\n\r\n", ResponseFault.BadVersion },
        { "HTTPS/1.1 200 OK\r\n\r\n", ResponseFault.BadVersion },
        { "ICY 200 OK\r\n\r\n", ResponseFault.BadVersion },
        { "HTTP/1.x 200 OK\r\n\r\n", ResponseFault.BadVersion },
        { "HTTP/1.10 200 OK\r\n\r\n", ResponseFault.BadVersion },
        { "HTTP/1.1\t200 OK\r\n\r\n", ResponseFault.BadVersion },
        { "HTTP/2.0 200 OK\r\n\r\n", ResponseFault.UnsupportedVersion },
        { "HTTP/1.2 200 OK\r\n\r\n", ResponseFault.UnsupportedVersion },
        { "HTTP/0.9 200 OK\r\n\r\n", ResponseFault.UnsupportedVersion },
        { "HTTP/1.1  200 OK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 099 OK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 20 OK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 2000 OK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 20x OK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 +20 OK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 \r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 200\tOK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 200OK\r\n\r\n", ResponseFault.BadStatusCode },
        { "HTTP/1.1 200 O\0K\r\n\r\n", ResponseFault.BadReason },
        { "HTTP/1.1 200 O\u001bK\r\n\r\n", ResponseFault.BadReason },
    };

    [Theory]
    [MemberData(nameof(BadHeads))]
    public void BadHead_IsRefused(string head, ResponseFault expected)
    {
        var verdict = ResponseVerdict.Of(head);
        Assert.Equal((ParseStatus.Invalid, expected), (verdict.Status, verdict.Fault));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 200, 1, "OK")]
    [InlineData("HTTP/1.0 404 Not Found", 404, 0, "Not Found")]
    [InlineData("HTTP/1.1 200 ", 200, 1, "")]
    [InlineData("HTTP/1.1 200", 200, 1, "")]
    [InlineData("HTTP/1.1 200  OK ", 200, 1, " OK ")]
    [InlineData("HTTP/1.1 500 Ori\u00ebnt\tx", 500, 1, "Ori\u00ebnt\tx")]
    [InlineData("HTTP/1.1 999 x", 999, 1, "x")]
    [InlineData("HTTP/1.1 100 x", 100, 1, "x")]
    public void StatusLine_IsSplit(string line, int status, byte minor, string reason)
    {
        var head = Complete($"{line}\r\n\r\n", RequestMethod.Get, out var bytes);
        Assert.Equal((status, minor), (head.StatusCode, head.VersionMinor));
        Assert.Equal(reason, Latin1.Text(head.ReasonRange.Of(bytes)));
    }

    [Theory]
    [InlineData("1.1 200 OK", "Content-Length: 5", BodyFraming.Length, 5, true)]
    [InlineData("1.1 200 OK", "Content-Length: 0", BodyFraming.Length, 0, true)]
    [InlineData("1.1 200 OK", "Content-Length: 5\r\nContent-Length: 05", BodyFraming.Length, 5, true)]
    [InlineData("1.1 200 OK", "Transfer-Encoding: chunked", BodyFraming.Chunked, 0, true)]
    [InlineData("1.1 200 OK", "A: b", BodyFraming.UntilClose, 0, false)]
    [InlineData("1.1 200 OK", "Connection: keep-alive", BodyFraming.UntilClose, 0, false)]
    [InlineData("1.1 200 OK", "Content-Length: 5\r\nConnection: close", BodyFraming.Length, 5, false)]
    [InlineData("1.0 200 OK", "Content-Length: 5", BodyFraming.Length, 5, false)]
    [InlineData("1.0 200 OK", "Content-Length: 5\r\nConnection: keep-alive", BodyFraming.Length, 5, true)]
    [InlineData("1.1 204 x", "Content-Length: 5", BodyFraming.None, 5, true)]
    [InlineData("1.1 304 x", "Content-Length: 5", BodyFraming.None, 5, true)]
    [InlineData("1.1 304 x", "Transfer-Encoding: chunked", BodyFraming.None, 0, true)]
    [InlineData("1.1 100 x", "A: b", BodyFraming.None, 0, true)]
    [InlineData("1.1 101 x", "Upgrade: websocket", BodyFraming.None, 0, true)]
    [InlineData("1.1 103 x", "Link: x", BodyFraming.None, 0, true)]
    [InlineData("1.1 205 x", "A: b", BodyFraming.UntilClose, 0, false)]
    public void Framing_FollowsStatusAndFields(
        string line, string fields, BodyFraming framing, long length, bool keepAlive)
    {
        var head = Complete($"HTTP/{line}\r\n{fields}\r\n\r\n", RequestMethod.Get, out _);
        Assert.Equal((framing, length, keepAlive), (head.Framing, head.ContentLength, head.KeepAlive));
    }

    [Theory]
    [InlineData("Content-Length: 5", 5)]
    [InlineData("Transfer-Encoding: chunked", 0)]
    [InlineData("A: b", 0)]
    public void AnswerToHead_HasNoBody(string fields, long length)
    {
        var head = Complete($"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n", RequestMethod.Head, out _);
        Assert.Equal((BodyFraming.None, length, true), (head.Framing, head.ContentLength, head.KeepAlive));
    }

    [Fact]
    public void FieldsNamedByConnection_AreHopByHopUnlessProtected()
    {
        var head = Complete(
            "HTTP/1.1 204 x\r\nX-A: 1\r\nConnection: x-a, set-cookie\r\nSet-Cookie: b\r\n\r\n",
            RequestMethod.Get,
            out var bytes);
        Assert.True(head.TryFind(bytes, "x-a"u8, out var named) && named.HopByHop);
        Assert.True(head.TryFind(KnownHeader.SetCookie, out var cookie) && !cookie.HopByHop);
        Assert.False(head.Has(KnownHeader.ContentLength));
    }

    [Fact]
    public void InterimAndFinalHead_AreReadOneAfterTheOther()
    {
        var bytes = Latin1.Bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx");
        var head = new ResponseHead();
        var limits = HeadLimits.Default;
        Assert.Equal(ParseStatus.Complete, ResponseHeadParser.Parse(bytes, head, RequestMethod.Post, limits));
        Assert.Equal((100, 25), (head.StatusCode, head.HeadLength));
        var rest = bytes.AsSpan(head.HeadLength);
        head.Reset();
        Assert.Equal(ParseStatus.Complete, ResponseHeadParser.Parse(rest, head, RequestMethod.Post, limits));
        Assert.Equal((201, rest.Length - 1), (head.StatusCode, head.HeadLength));
    }

    [Theory]
    [InlineData(40, ResponseFault.None)]
    [InlineData(41, ResponseFault.StatusLineTooLong)]
    [InlineData(90, ResponseFault.StatusLineTooLong)]
    public void LongStatusLine_IsRefusedAtTheLimit(int length, ResponseFault expected) =>
        AssertVerdict($"{"HTTP/1.1 200 ".PadRight(length, 'x')}\r\n\r\n", expected);

    [Theory]
    [InlineData(40, ResponseFault.None)]
    [InlineData(41, ResponseFault.FieldLineTooLong)]
    public void LongFieldLine_IsRefusedAtTheLimit(int length, ResponseFault expected) =>
        AssertVerdict($"HTTP/1.1 200 OK\r\n{"a:".PadRight(length, 'x')}\r\n\r\n", expected);

    [Theory]
    [InlineData(100, ResponseFault.None)]
    [InlineData(101, ResponseFault.HeadTooLarge)]
    public void LargeHead_IsRefusedAtTheLimit(int length, ResponseFault expected)
    {
        var start = $"{"HTTP/1.1 200 ".PadRight(40, 'x')}\r\n{"a:".PadRight(30, 'x')}\r\n";
        AssertVerdict($"{start}{"b:".PadRight(length - start.Length - 4, 'x')}\r\n\r\n", expected);
    }

    [Theory]
    [InlineData(2, ResponseFault.None)]
    [InlineData(3, ResponseFault.TooManyFields)]
    public void ManyFields_AreRefusedAtTheLimit(int count, ResponseFault expected) => AssertVerdict(
        $"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat("a: b\r\n", count))}\r\n", expected);

    [Fact]
    public void EveryFault_HasATestAndALabelOfItsOwn()
    {
        var elsewhere = new[]
        {
            ResponseFault.None, ResponseFault.StatusLineTooLong, ResponseFault.FieldLineTooLong,
            ResponseFault.HeadTooLarge, ResponseFault.TooManyFields,
        };
        var faults = Enum.GetValues<ResponseFault>();
        Assert.Empty(faults.Except(BadHeads.Select(row => (ResponseFault)row[1]).Concat(elsewhere)));
        Assert.Equal(faults.Length, faults.Select(ResponseFaults.MetricLabel).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void FaultsOfFields_AreTheSharedReadersByName() => Assert.All(
        Enum.GetValues<HeadFault>(), fault => Assert.Equal(fault.ToString(), ((ResponseFault)fault).ToString()));

    private static ResponseHead Complete(string text, RequestMethod method, out byte[] bytes)
    {
        var verdict = ResponseVerdict.Of(text, method);
        Assert.Equal((ParseStatus.Complete, ResponseFault.None), (verdict.Status, verdict.Fault));
        bytes = Latin1.Bytes(text);
        var head = new ResponseHead();
        ResponseHeadParser.Parse(bytes, head, method, HeadLimits.Default);
        return head;
    }

    private static void AssertVerdict(string head, ResponseFault expected)
    {
        var verdict = ResponseVerdict.Of(head, RequestMethod.Get, s_smallLimits);
        var status = expected == ResponseFault.None ? ParseStatus.Complete : ParseStatus.Invalid;
        Assert.Equal((status, expected), (verdict.Status, verdict.Fault));
    }
}
