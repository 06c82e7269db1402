using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Requests;

public sealed class RequestFaultTests
{
    private static readonly HeadLimits s_smallLimits = new(HeadBytes: 200, LineBytes: 60, FieldCount: 4);

    /// <summary>Line beginnings: the head's first line, or a field line behind a good start; complete with a good rest,
    /// so that nothing but the named reason can refuse them.</summary>
    public static TheoryData<string, RequestFault> BadRequestLines => new()
    {
        { "GET / HTTP/1.1\n", RequestFault.BareLineFeed },
        { "\nGET / HTTP/1.1\r\n", RequestFault.BareLineFeed },
        { "GET\n", RequestFault.BareLineFeed },
        { "GET /\n", RequestFault.BareLineFeed },
        { "\rGET / HTTP/1.1\r\n", RequestFault.BareCarriageReturn },
        { "GET / HTTP/1.1\rX", RequestFault.BareCarriageReturn },
        { "GET / HTTP/1.1\r\r\n", RequestFault.BareCarriageReturn },
        { "\r\n\r\nGET / HTTP/1.1\r\n", RequestFault.BadMethod },
        { " GET / HTTP/1.1\r\n", RequestFault.BadMethod },
        { "\tGET / HTTP/1.1\r\n", RequestFault.BadMethod },
        { "GET\t/ HTTP/1.1\r\n", RequestFault.BadMethod },
        { "G(T / HTTP/1.1\r\n", RequestFault.BadMethod },
        { "G\0T / HTTP/1.1\r\n", RequestFault.BadMethod },
        { "G\u00c9T / HTTP/1.1\r\n", RequestFault.BadMethod },
        { "GET: / HTTP/1.1\r\n", RequestFault.BadMethod },
        { "/ HTTP/1.1\r\n", RequestFault.BadMethod },
        { "{\"a\":1}", RequestFault.BadMethod },
        { "\u0016\u0003\u0001\u0002", RequestFault.BadMethod },
        { "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n", RequestFault.MethodTooLong },
        { "GET\r\n", RequestFault.MissingTarget },
        { "GET \r\n", RequestFault.MissingTarget },
        { "GET  / HTTP/1.1\r\n", RequestFault.MissingTarget },
        { "GET  HTTP/1.1\r\n", RequestFault.MissingTarget },
        { "GET /\r\n", RequestFault.MissingVersion },
        { "GET /a\rb HTTP/1.1\r\n", RequestFault.MissingVersion },
        { "GET \t/ HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /a\tb HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /a\0 HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /a#b HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /a\"b HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /<a HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /a> HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /a\\b HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /a`b HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /\u007f HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /\u0080 HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /?\u00ff HTTP/1.1\r\n", RequestFault.BadTargetByte },
        { "GET /% HTTP/1.1\r\n", RequestFault.BadEscape },
        { "GET /%6 HTTP/1.1\r\n", RequestFault.BadEscape },
        { "GET /%zz HTTP/1.1\r\n", RequestFault.BadEscape },
        { "GET /%u0061 HTTP/1.1\r\n", RequestFault.BadEscape },
        { "GET /%41%4 HTTP/1.1\r\n", RequestFault.BadEscape },
        { "GET /?a=100% HTTP/1.1\r\n", RequestFault.BadEscape },
        { "GET / \r\n", RequestFault.BadVersion },
        { "GET / /\r\n", RequestFault.BadVersion },
        { "GET /  HTTP/1.1\r\n", RequestFault.BadVersion },
        { "GET /a b HTTP/1.1\r\n", RequestFault.BadVersion },
        { "GET / HTTP/1.1 \r\n", RequestFault.BadVersion },
        { "GET / http/1.1\r\n", RequestFault.BadVersion },
        { "GET / HTTP/1\r\n", RequestFault.BadVersion },
        { "GET / HTTP/1,1\r\n", RequestFault.BadVersion },
        { "GET / HTTP/1.10\r\n", RequestFault.BadVersion },
        { "GET / HTTP/11.1\r\n", RequestFault.BadVersion },
        { "GET / HTTP/x.1\r\n", RequestFault.BadVersion },
        { "GET / HTTP/1.x\r\n", RequestFault.BadVersion },
        { "GET / HTTPS/1.1\r\n", RequestFault.BadVersion },
        { "GET / ICE/1.0\r\n", RequestFault.BadVersion },
        { "GET / HTTP/0.9\r\n", RequestFault.UnsupportedVersion },
        { "GET / HTTP/1.2\r\n", RequestFault.UnsupportedVersion },
        { "GET / HTTP/2.0\r\n", RequestFault.UnsupportedVersion },
        { "PRI * HTTP/2.0\r\n", RequestFault.UnsupportedVersion },
        { "CONNECT a:443 HTTP/1.1\r\n", RequestFault.ConnectRefused },
        { "CONNECT / HTTP/1.1\r\n", RequestFault.ConnectRefused },
        { "GET * HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "OPTIONS ** HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "GET a:80 HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "GET a HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "GET ? HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "GET %2F HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "GET http:/a HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "GET ://a HTTP/1.1\r\n", RequestFault.BadTargetForm },
        { "GET ftp://a/ HTTP/1.1\r\n", RequestFault.UnsupportedScheme },
        { "GET httpss://a/ HTTP/1.1\r\n", RequestFault.UnsupportedScheme },
        { "GET http:// HTTP/1.1\r\n", RequestFault.BadAuthority },
        { "GET http:///a HTTP/1.1\r\n", RequestFault.BadAuthority },
        { "GET http://u@a/ HTTP/1.1\r\n", RequestFault.BadAuthority },
        { "GET http://u:p@a/ HTTP/1.1\r\n", RequestFault.BadAuthority },
        { "GET http://a:b/ HTTP/1.1\r\n", RequestFault.BadAuthority },
        { "GET http://a%2eb/ HTTP/1.1\r\n", RequestFault.BadAuthority },
    };

    public static TheoryData<string, RequestFault> BadFields => new()
    {
        { "a: b\n", RequestFault.BareLineFeed },
        { "a:\n", RequestFault.BareLineFeed },
        { "a\n", RequestFault.BareLineFeed },
        { "\n", RequestFault.BareLineFeed },
        { "a: b\rc: d\r\n", RequestFault.BareCarriageReturn },
        { "a: b\r\r\n", RequestFault.BareCarriageReturn },
        { "\rX", RequestFault.BareCarriageReturn },
        { " a: b\r\n", RequestFault.LineFolding },
        { "\tb\r\n", RequestFault.LineFolding },
        { "a: b\r\n c\r\n", RequestFault.LineFolding },
        { "a:\r\n\tc\r\n", RequestFault.LineFolding },
        { " \r\n", RequestFault.LineFolding },
        { ": b\r\n", RequestFault.EmptyFieldName },
        { "a : b\r\n", RequestFault.SpaceInFieldName },
        { "a\t: b\r\n", RequestFault.SpaceInFieldName },
        { "a b: c\r\n", RequestFault.SpaceInFieldName },
        { "a@: b\r\n", RequestFault.BadFieldName },
        { "a\0: b\r\n", RequestFault.BadFieldName },
        { "\"a\": b\r\n", RequestFault.BadFieldName },
        { "(a): b\r\n", RequestFault.BadFieldName },
        { "a/b: c\r\n", RequestFault.BadFieldName },
        { "a\u00a0: b\r\n", RequestFault.BadFieldName },
        { "a\u000b: b\r\n", RequestFault.BadFieldName },
        { "a\u007f: b\r\n", RequestFault.BadFieldName },
        { "a\r\n", RequestFault.MissingColon },
        { "a\rb: c\r\n", RequestFault.MissingColon },
        { "a: \0\r\n", RequestFault.BadFieldValue },
        { "a: b\u0001\r\n", RequestFault.BadFieldValue },
        { "a: b\u0008\r\n", RequestFault.BadFieldValue },
        { "a: b\u000bc\r\n", RequestFault.BadFieldValue },
        { "a: b\u000c\r\n", RequestFault.BadFieldValue },
        { "a: b\u001f\r\n", RequestFault.BadFieldValue },
        { "a: b\u007f\r\n", RequestFault.BadFieldValue },
        { "Transfer_Encoding: chunked\r\n", RequestFault.FramingAlias },
        { "content_length: 4\r\n", RequestFault.FramingAlias },
        { "Content-Length:\r\n", RequestFault.BadContentLength },
        { "Content-Length: +4\r\n", RequestFault.BadContentLength },
        { "Content-Length: -0\r\n", RequestFault.BadContentLength },
        { "Content-Length: 4 2\r\n", RequestFault.BadContentLength },
        { "Content-Length: 4, 4\r\n", RequestFault.BadContentLength },
        { "Content-Length: 4,\r\n", RequestFault.BadContentLength },
        { "Content-Length: 0x4\r\n", RequestFault.BadContentLength },
        { "Content-Length: 4.0\r\n", RequestFault.BadContentLength },
        { "Content-Length: 4e0\r\n", RequestFault.BadContentLength },
        { "Content-Length: \u00b2\r\n", RequestFault.BadContentLength },
        { "Content-Length: 9223372036854775808\r\n", RequestFault.BadContentLength },
        { "Content-Length: 00000000000000000001\r\n", RequestFault.BadContentLength },
        { "Content-Length: 4\r\nContent-Length: 5\r\n", RequestFault.ConflictingContentLength },
        { "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", RequestFault.ContentLengthWithTransferEncoding },
        { "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", RequestFault.ContentLengthWithTransferEncoding },
        { "Content-Length: 0\r\nTransfer-Encoding: identity\r\n", RequestFault.ContentLengthWithTransferEncoding },
        { "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", RequestFault.DuplicateTransferEncoding },
        { "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", RequestFault.DuplicateTransferEncoding },
        { "Transfer-Encoding:\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: identity\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: gzip\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: chunked, chunked\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: chunked, identity\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: identity, chunked\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: chunked, gzip\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: chunked,\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: ,chunked\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: chunked;x=1\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: \"chunked\"\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: xchunked\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: \u00a0chunked\r\n", RequestFault.BadTransferEncoding },
        { "Transfer-Encoding: gzip, chunked\r\n", RequestFault.UnknownTransferCoding },
        { "Transfer-Encoding: a, b,\tChunked\r\n", RequestFault.UnknownTransferCoding },
        { "Host: b\r\n", RequestFault.DuplicateHost },
        { "Host: a\r\n", RequestFault.DuplicateHost },
        { "Expect: 200-ok\r\n", RequestFault.BadExpect },
        { "Expect:\r\n", RequestFault.BadExpect },
        { "Expect: 100-continue, 100-continue\r\n", RequestFault.BadExpect },
        { "Expect: x 100-continue\r\n", RequestFault.BadExpect },
    };

    [Theory]
    [MemberData(nameof(BadRequestLines))]
    public void BadRequestLine_IsRefused(string line, RequestFault expected) =>
        AssertRefused(line + "Host: a\r\n\r\n", expected);

    [Theory]
    [MemberData(nameof(BadFields))]
    public void BadField_IsRefused(string lines, RequestFault expected) =>
        AssertRefused($"POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n", expected);

    [Theory]
    [MemberData(nameof(BadFields))]
    public void BadField_IsRefusedBeforeTheHeadEnds(string lines, RequestFault expected) =>
        AssertRefused($"POST / HTTP/1.1\r\nHost: a\r\n{lines}", expected);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("u@a")]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("http://a")]
    [InlineData("a:")]
    [InlineData("a:0")]
    [InlineData("a:x")]
    [InlineData("a:-1")]
    [InlineData("a:65536")]
    [InlineData("a:80:80")]
    [InlineData("a%41")]
    [InlineData("\u00e9")]
    public void BadHost_IsRefused(string host) =>
        AssertRefused($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", RequestFault.BadHost);

    [Theory]
    [InlineData("http://a/", "b")]
    [InlineData("http://a/", "a:81")]
    [InlineData("http://a:80/", "a:443")]
    [InlineData("https://a/", "a:80")]
    [InlineData("http://a/", "aa")]
    public void TargetAndHostThatDiffer_AreRefused(string target, string host) =>
        AssertRefused($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n", RequestFault.HostMismatch);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nX-Host: a\r\n\r\n")]
    public void Http11WithoutHost_IsRefused(string head) => AssertRefused(head, RequestFault.MissingHost);

    [Theory]
    [InlineData("chunked")]
    [InlineData("identity")]
    public void TransferEncodingInHttp10_IsRefused(string coding) => AssertRefused(
        $"POST / HTTP/1.0\r\nTransfer-Encoding: {coding}\r\n\r\n", RequestFault.TransferEncodingInHttp10);

    [Fact]
    public void ManyConnectionOptions_AreRefused()
    {
        var allowed = string.Join(',', Enumerable.Repeat("a", FramingFields.MaxConnectionOptions));
        Assert.Equal(
            ParseStatus.Complete,
            RequestVerdict.Of($"GET / HTTP/1.1\r\nHost: a\r\nConnection: {allowed}\r\n\r\n").Status);
        AssertRefused(
            $"GET / HTTP/1.1\r\nHost: a\r\nConnection: {allowed}\r\nConnection: b\r\n\r\n",
            RequestFault.TooManyConnectionOptions);
    }

    [Theory]
    [InlineData(60, RequestFault.None)]
    [InlineData(61, RequestFault.RequestLineTooLong)]
    [InlineData(90, RequestFault.RequestLineTooLong)]
    public void LongRequestLine_IsRefusedAtTheLimit(int length, RequestFault expected)
    {
        var target = "/".PadRight(length - "GET  HTTP/1.1".Length, 'a');
        AssertVerdict($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n", expected);
    }

    [Theory]
    [InlineData(60, RequestFault.None)]
    [InlineData(61, RequestFault.FieldLineTooLong)]
    [InlineData(100, RequestFault.FieldLineTooLong)]
    public void LongFieldLine_IsRefusedAtTheLimit(int length, RequestFault expected)
    {
        AssertVerdict($"GET / HTTP/1.1\r\nHost: a\r\n{"b:".PadRight(length, 'c')}\r\n\r\n", expected);
        AssertVerdict($"GET / HTTP/1.1\r\nHost: a\r\n{"b:".PadRight(length)}\r\n\r\n", expected);
        AssertVerdict($"GET / HTTP/1.1\r\nHost: a\r\n{":".PadLeft(length, 'd')}\r\n\r\n", expected);
    }

    [Theory]
    [InlineData(200, RequestFault.None)]
    [InlineData(201, RequestFault.HeadTooLarge)]
    [InlineData(202, RequestFault.HeadTooLarge)]
    [InlineData(230, RequestFault.HeadTooLarge)]
    public void LargeHead_IsRefusedAtTheLimit(int length, RequestFault expected)
    {
        const string Start = "GET / HTTP/1.1\r\nHost: a\r\n";
        var first = "b:".PadRight(60, 'c') + "\r\n";
        var second = "d:".PadRight(60, 'e') + "\r\n";
        var rest = length - Start.Length - first.Length - second.Length - "\r\n\r\n".Length;
        AssertVerdict($"{Start}{first}{second}{"f:".PadRight(rest, 'g')}\r\n\r\n", expected);
    }

    [Theory]
    [InlineData(4, RequestFault.None)]
    [InlineData(5, RequestFault.TooManyFields)]
    public void ManyFields_AreRefusedAtTheLimit(int count, RequestFault expected) => AssertVerdict(
        $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Repeat("b: c\r\n", count - 1))}\r\n", expected);

    [Fact]
    public void FieldArray_GrowsToTheLimit()
    {
        var fields = string.Concat(Enumerable.Range(0, 99).Select(i => $"n{i}: {i}\r\n"));
        var verdict = RequestVerdict.Of($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        Assert.Equal(ParseStatus.Complete, verdict.Status);
        Assert.EndsWith("Other n98=98 hop=False", verdict.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryFault_HasATest()
    {
        var elsewhere = new[]
        {
            RequestFault.None, RequestFault.BadHost, RequestFault.HostMismatch, RequestFault.MissingHost,
            RequestFault.TransferEncodingInHttp10, RequestFault.TooManyConnectionOptions,
            RequestFault.RequestLineTooLong, RequestFault.FieldLineTooLong, RequestFault.HeadTooLarge,
            RequestFault.TooManyFields, RequestFault.ConnectionField,
        };
        var tested = BadRequestLines.Concat(BadFields).Select(row => (RequestFault)row[1]).Concat(elsewhere);
        Assert.Empty(Enum.GetValues<RequestFault>().Except(tested));
    }

    [Theory]
    [InlineData(RequestFault.None, 0)]
    [InlineData(RequestFault.BareLineFeed, 400)]
    [InlineData(RequestFault.MethodTooLong, 501)]
    [InlineData(RequestFault.ConnectRefused, 501)]
    [InlineData(RequestFault.UnknownTransferCoding, 501)]
    [InlineData(RequestFault.UnsupportedVersion, 505)]
    [InlineData(RequestFault.RequestLineTooLong, 414)]
    [InlineData(RequestFault.HeadTooLarge, 431)]
    [InlineData(RequestFault.FieldLineTooLong, 431)]
    [InlineData(RequestFault.TooManyFields, 431)]
    [InlineData(RequestFault.BadExpect, 417)]
    [InlineData(RequestFault.HostMismatch, 400)]
    public void Fault_HasItsStatus(RequestFault fault, int status) =>
        Assert.Equal(status, RequestFaults.StatusCode(fault));

    [Fact]
    public void EveryFault_HasTextsOfItsOwn()
    {
        var faults = Enum.GetValues<RequestFault>();
        Assert.Equal(faults.Length, faults.Select(RequestFaults.MetricLabel).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(faults.Length, faults.Select(RequestFaults.Detail).Distinct(StringComparer.Ordinal).Count());
        Assert.All(faults, fault => Assert.Matches("^[a-z0-9_]+$", RequestFaults.MetricLabel(fault)));
        Assert.All(
            faults.GroupBy(RequestFaults.StatusCode),
            group => Assert.Single(group.Select(RequestFaults.Title).Distinct(StringComparer.Ordinal)));
        Assert.Equal("Bad Request", RequestFaults.Title(RequestFault.BadHost));
        Assert.Equal("URI Too Long", RequestFaults.Title(RequestFault.RequestLineTooLong));
    }

    [Fact]
    public void FaultsOfFields_AreTheSharedReadersByName() => Assert.All(
        Enum.GetValues<HeadFault>(), fault => Assert.Equal(fault.ToString(), ((RequestFault)fault).ToString()));

    private static void AssertRefused(string head, RequestFault expected)
    {
        var verdict = RequestVerdict.Of(head);
        Assert.Equal((ParseStatus.Invalid, expected), (verdict.Status, verdict.Fault));
    }

    private static void AssertVerdict(string head, RequestFault expected)
    {
        var verdict = RequestVerdict.Of(head, s_smallLimits);
        var status = expected == RequestFault.None ? ParseStatus.Complete : ParseStatus.Invalid;
        Assert.Equal((status, expected), (verdict.Status, verdict.Fault));
    }
}
