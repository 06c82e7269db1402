using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Http.Requests;

public sealed class RequestHeadParserTests
{
    [Theory]
    [InlineData("GET", RequestMethod.Get)]
    [InlineData("HEAD", RequestMethod.Head)]
    [InlineData("POST", RequestMethod.Post)]
    [InlineData("PUT", RequestMethod.Put)]
    [InlineData("DELETE", RequestMethod.Delete)]
    [InlineData("OPTIONS", RequestMethod.Options)]
    [InlineData("TRACE", RequestMethod.Trace)]
    [InlineData("PATCH", RequestMethod.Patch)]
    [InlineData("QUERY", RequestMethod.Query)]
    [InlineData("get", RequestMethod.Other)]
    [InlineData("Get", RequestMethod.Other)]
    [InlineData("GETS", RequestMethod.Other)]
    [InlineData("X", RequestMethod.Other)]
    [InlineData("M-SEARCH", RequestMethod.Other)]
    [InlineData("!#$%&'*+-.^_`|~", RequestMethod.Other)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", RequestMethod.Other)]
    public void AnyTokenMethod_IsIdentified(string method, RequestMethod expected)
    {
        var head = Complete($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n", out var bytes);
        Assert.Equal(expected, head.Method);
        Assert.Equal(method, Latin1.Text(head.MethodRange.Of(bytes)));
    }

    [Theory]
    [InlineData("/", TargetForm.Origin, "/", null)]
    [InlineData("/a/b", TargetForm.Origin, "/a/b", null)]
    [InlineData("/a?", TargetForm.Origin, "/a", "")]
    [InlineData("/a?b=c&d", TargetForm.Origin, "/a", "b=c&d")]
    [InlineData("/a?b?c", TargetForm.Origin, "/a", "b?c")]
    [InlineData("/?/../x", TargetForm.Origin, "/", "/../x")]
    [InlineData("//a//b", TargetForm.Origin, "//a//b", null)]
    [InlineData("/a%2Fb%20", TargetForm.Origin, "/a%2Fb%20", null)]
    [InlineData("/a:b@c;d=1,e", TargetForm.Origin, "/a:b@c;d=1,e", null)]
    [InlineData("/a?{b}=[c]|d^e", TargetForm.Origin, "/a", "{b}=[c]|d^e")]
    [InlineData("/a?u=http://b/c", TargetForm.Origin, "/a", "u=http://b/c")]
    [InlineData("http://a", TargetForm.Absolute, "", null)]
    [InlineData("http://a/", TargetForm.Absolute, "/", null)]
    [InlineData("HTTP://A:80/b?c", TargetForm.Absolute, "/b", "c")]
    [InlineData("http://a?b/c", TargetForm.Absolute, "", "b/c")]
    public void Target_IsSplit(string target, TargetForm form, string path, string? query)
    {
        var head = Complete($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n", out var bytes);
        Assert.Equal(target, Latin1.Text(head.TargetRange.Of(bytes)));
        Assert.Equal(form, head.Form);
        Assert.Equal(path, Latin1.Text(head.PathRange.Of(bytes)));
        Assert.Equal(query is not null, head.HasQuery);
        Assert.Equal(query ?? "", Latin1.Text(head.QueryRange.Of(bytes)));
    }

    [Fact]
    public void AsteriskWithOptions_IsTheAsteriskForm() =>
        Assert.Equal(TargetForm.Asterisk, Complete("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", out _).Form);

    [Theory]
    [InlineData("/", "Example.com", "Example.com", "Example.com", -1)]
    [InlineData("/", "example.com:8080", "example.com:8080", "example.com", 8080)]
    [InlineData("/", "example.com.:1", "example.com.:1", "example.com", 1)]
    [InlineData("/", "[::1]:443", "[::1]:443", "[::1]", 443)]
    [InlineData("http://example.com:80/", "EXAMPLE.com", "example.com:80", "example.com", 80)]
    [InlineData("https://example.com/", "example.com:443", "example.com", "example.com", -1)]
    [InlineData("http://example.com./", "example.com", "example.com.", "example.com", -1)]
    public void Host_IsTheTargetsOrElseTheFields(string target, string field, string host, string name, int port)
    {
        var head = Complete($"GET {target} HTTP/1.1\r\nHost: {field}\r\n\r\n", out var bytes);
        Assert.Equal(host, Latin1.Text(head.HostRange.Of(bytes)));
        Assert.Equal(name, Latin1.Text(head.HostNameRange.Of(bytes)));
        Assert.Equal(port, head.HostPort);
    }

    [Fact]
    public void Http10WithoutHost_IsAccepted()
    {
        var head = Complete("GET / HTTP/1.0\r\n\r\n", out _);
        Assert.True(head.HostRange.IsEmpty);
        Assert.Equal(0, head.VersionMinor);
    }

    [Theory]
    [InlineData("a: b", "a", "b")]
    [InlineData("a:b", "a", "b")]
    [InlineData("a: \t b c \t ", "a", "b c")]
    [InlineData("a:", "a", "")]
    [InlineData("a:   ", "a", "")]
    [InlineData("a: b\tc", "a", "b\tc")]
    [InlineData("a: \u0080\u00ff", "a", "\u0080\u00ff")]
    [InlineData("a: b:c", "a", "b:c")]
    [InlineData("!#$%&'*+-.^_`|~09azAZ: x", "!#$%&'*+-.^_`|~09azAZ", "x")]
    public void FieldLine_IsSplitAndTrimmed(string line, string name, string value)
    {
        var head = Complete($"GET / HTTP/1.1\r\nHost: a\r\n{line}\r\nlast: 1\r\n\r\n", out var bytes);
        Assert.Equal(3, head.FieldCount);
        Assert.Equal(name, Latin1.Text(head.Fields[1].Name(bytes)));
        Assert.Equal(value, Latin1.Text(head.Fields[1].Value(bytes)));
        Assert.True(head.TryFind(bytes, "LAST"u8, out var last));
        Assert.Equal("1", Latin1.Text(last.Value(bytes)));
        Assert.False(head.TryFind(bytes, "absent"u8, out _));
    }

    [Theory]
    [InlineData("", BodyFraming.None, 0)]
    [InlineData("Content-Length: 0\r\n", BodyFraming.Length, 0)]
    [InlineData("content-length:12 \r\n", BodyFraming.Length, 12)]
    [InlineData("Content-Length: 0000000000000000012\r\n", BodyFraming.Length, 12)]
    [InlineData("Content-Length: 9223372036854775807\r\n", BodyFraming.Length, long.MaxValue)]
    [InlineData("Content-Length: 7\r\nContent-Length: 07\r\n", BodyFraming.Length, 7)]
    [InlineData("Transfer-Encoding: chunked\r\n", BodyFraming.Chunked, 0)]
    [InlineData("tRANSFER-eNCODING:\tChunked \t\r\n", BodyFraming.Chunked, 0)]
    public void FramingFields_DecideTheBody(string fields, BodyFraming framing, long length)
    {
        var head = Complete($"POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n", out _);
        Assert.Equal(framing, head.Framing);
        Assert.Equal(length, head.ContentLength);
        Assert.Equal(framing == BodyFraming.Chunked || length > 0, head.HasBody);
    }

    [Fact]
    public void RepeatedEqualLength_IsPassedOnOnce()
    {
        var head = Complete("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n", out _);
        Assert.False(head.Fields[1].HopByHop);
        Assert.True(head.Fields[2].HopByHop);
    }

    [Theory]
    [InlineData("1.1", "", true)]
    [InlineData("1.1", "Connection: close\r\n", false)]
    [InlineData("1.1", "Connection: x ,CLOSE, keep-alive\r\n", false)]
    [InlineData("1.1", "Connection: keep-alive\r\nConnection: close\r\n", false)]
    [InlineData("1.1", "Connection: closed\r\n", true)]
    [InlineData("1.1", "Connection: \"close\"\r\n", true)]
    [InlineData("1.0", "", false)]
    [InlineData("1.0", "Connection: Keep-Alive\r\n", true)]
    [InlineData("1.0", "Connection: ,, keep-alive,\r\n", true)]
    [InlineData("1.0", "Connection: keep-alive, close\r\n", false)]
    [InlineData("1.0", "Keep-Alive: timeout=5\r\n", false)]
    public void ConnectionOptions_DecideKeepAlive(string version, string fields, bool expected) =>
        Assert.Equal(expected, Complete($"GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n", out _).KeepAlive);

    [Theory]
    [InlineData("1.1", "Expect: 100-continue\r\n", true)]
    [InlineData("1.1", "Expect: 100-CONTINUE\r\n", true)]
    [InlineData("1.1", "", false)]
    [InlineData("1.0", "Expect: 100-continue\r\n", false)]
    [InlineData("1.0", "Expect: miracles\r\n", false)]
    public void Expect_IsHonouredInHttp11Only(string version, string fields, bool expected) =>
        Assert.Equal(expected, Complete($"PUT / HTTP/{version}\r\nHost: a\r\n{fields}\r\n", out _).ExpectContinue);

    [Theory]
    [InlineData("1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", true)]
    [InlineData("1.1", "Upgrade: websocket\r\n", false)]
    [InlineData("1.1", "Connection: upgrade\r\n", false)]
    [InlineData("1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", false)]
    public void Upgrade_NeedsFieldOptionAndVersion(string version, string fields, bool expected) =>
        Assert.Equal(expected, Complete($"GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n", out _).HasUpgrade);

    [Theory]
    [InlineData("Connection: close", "Connection", true)]
    [InlineData("Keep-Alive: 5", "Keep-Alive", true)]
    [InlineData("Proxy-Connection: close", "Proxy-Connection", true)]
    [InlineData("Proxy-Authorization: Basic x", "Proxy-Authorization", true)]
    [InlineData("TE: trailers", "TE", true)]
    [InlineData("Trailer: x", "Trailer", true)]
    [InlineData("Transfer-Encoding: chunked", "Transfer-Encoding", true)]
    [InlineData("Upgrade: h2c", "Upgrade", true)]
    [InlineData("HTTP2-Settings: x", "HTTP2-Settings", true)]
    [InlineData("Accept: x", "Accept", false)]
    [InlineData("X-Own: 1\r\nConnection: x-own", "X-Own", true)]
    [InlineData("Connection: close, X-OWN\r\nx-own: 1", "x-own", true)]
    [InlineData("Connection: a\r\nConnection: b\r\nB: 1", "B", true)]
    [InlineData("Connection: x-ow\r\nX-Own: 1", "X-Own", false)]
    [InlineData("Connection: host", "Host", false)]
    [InlineData("Connection: Content-Length\r\nContent-Length: 0", "Content-Length", false)]
    [InlineData("Connection: authorization\r\nAuthorization: x", "Authorization", false)]
    [InlineData("Connection: cookie\r\nCookie: x", "Cookie", false)]
    [InlineData("Connection: x-forwarded-for\r\nX-Forwarded-For: x", "X-Forwarded-For", false)]
    [InlineData("Connection: x_forwarded_for\r\nX_Forwarded_For: x", "X_Forwarded_For", false)]
    [InlineData("Connection: forwarded, via\r\nForwarded: x", "Forwarded", false)]
    [InlineData("Connection: x-request-id\r\nX-Request-Id: x", "X-Request-Id", false)]
    [InlineData("Connection: traceparent\r\ntraceparent: x", "traceparent", false)]
    [InlineData("Connection: cache-control\r\nCache-Control: x", "Cache-Control", false)]
    public void HopByHopFields_AreMarked(string lines, string name, bool expected)
    {
        var head = Complete($"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n", out var bytes);
        Assert.True(head.TryFind(bytes, Latin1.Bytes(name), out var field));
        Assert.Equal(expected, field.HopByHop);
    }

    [Fact]
    public void OneEmptyLineBefore_IsSkippedAndCounted()
    {
        var head = Complete("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET", out var bytes);
        Assert.Equal(bytes.Length - 3, head.HeadLength);
        Assert.Equal("GET", Latin1.Text(head.MethodRange.Of(bytes)));
    }

    [Fact]
    public void KnownFields_AreFoundAndAbsentOnesAreNot()
    {
        var head = Complete("GET / HTTP/1.1\r\nHost: a\r\nAccept: 1\r\nACCEPT: 2\r\n\r\n", out var bytes);
        Assert.True(head.TryFind(KnownHeader.Accept, out var accept));
        Assert.Equal("1", Latin1.Text(accept.Value(bytes)));
        Assert.False(head.TryFind(KnownHeader.SecWebSocketVersion, out _));
        Assert.False(head.Has(KnownHeader.Cookie));
    }

    [Fact]
    public void ResetHead_ParsesAnotherRequestAsIfNew()
    {
        var limits = HeadLimits.Default;
        var head = new RequestHead();
        var first = Latin1.Bytes(
            "\r\nPOST http://b:9/x?y HTTP/1.1\r\nHost: b:9\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
            + "Connection: upgrade, close\r\nUpgrade: x\r\n\r\n");
        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(first, head, limits));
        head.Reset();
        var second = Latin1.Bytes("GET / HTTP/1.0\r\n\r\n");
        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(second, head, limits));
        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(second, head, limits));

        var fresh = new RequestHead();
        RequestHeadParser.Parse(second, fresh, limits);
        foreach (var property in typeof(RequestHead).GetProperties())
        {
            if (property.PropertyType != typeof(ReadOnlySpan<HeaderField>))
                Assert.Equal(property.GetValue(fresh), property.GetValue(head));
        }
    }

    private static RequestHead Complete(string text, out byte[] bytes)
    {
        var verdict = RequestVerdict.Of(text);
        Assert.Equal((ParseStatus.Complete, RequestFault.None), (verdict.Status, verdict.Fault));
        bytes = Latin1.Bytes(text);
        var head = new RequestHead();
        RequestHeadParser.Parse(bytes, head, HeadLimits.Default);
        return head;
    }
}
