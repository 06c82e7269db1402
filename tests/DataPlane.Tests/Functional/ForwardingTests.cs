using System.Net;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional;

/// <summary>Which fields of a client's request an upstream gets, and which the gateway writes.</summary>
public sealed class ForwardingTests
{
    private const string TrustAll = "forwarding: { trustedProxies: [127.0.0.0/8], headers: both }";

    [Theory]
    [EveryWire]
    public async Task Request_IsPassedOnByteForByte(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await gateway.AskAsync(
            "GET /a%2db//./b?x=%20&y HTTP/1.1\r\nhost:Api.Example:99\r\nX-Request-Id: mine-1\r\n" +
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: v=1\r\n" +
            "Cookie: a=1\r\nX-Odd:\t a  b \r\nX-Empty:\r\n\r\n");
        Assert.Equal(
            "GET /a%2db//./b?x=%20&y HTTP/1.1\r\nHost: Api.Example:99\r\n" +
            "tracestate: v=1\r\nCookie: a=1\r\nX-Odd: a  b\r\nX-Empty: \r\n" +
            "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: Api.Example:99\r\n" +
            "X-Request-Id: mine-1\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
            Assert.Single(upstream.Requests).RawText);
    }

    [Theory]
    [EveryWire]
    public async Task HopByHopFields_StayHere(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await gateway.AskAsync(
            "GET /x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine, Upgrade\r\nX-Mine: 1\r\nKeep-Alive: 5\r\n" +
            "Proxy-Connection: close\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n" +
            "Proxy-Authorization: x\r\nX-Kept: 1\r\n\r\n");
        var received = Assert.Single(upstream.Requests);
        Assert.Equal(
            "Host X-Kept X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Request-Id traceparent",
            string.Join(' ', received.Headers.Select(field => field.Key)));
    }

    [Theory]
    [EveryWire]
    public async Task ProtectedFields_AreNotRemovedByConnection(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url, TrustAll);
        await gateway.AskAsync(
            "POST /x HTTP/1.1\r\nHost: a\r\nConnection: Host, Authorization, Cookie, X-Forwarded-For, " +
            "Content-Length, X-Request-Id, traceparent\r\n" +
            "Authorization: Bearer x\r\nCookie: a=1\r\nX-Forwarded-For: 192.0.2.7\r\n" +
            "X-Request-Id: id\r\nContent-Length: 2\r\n\r\nab");
        var received = Assert.Single(upstream.Requests);
        Assert.Equal("a", received.Header("Host"));
        Assert.Equal("Bearer x", received.Header("Authorization"));
        Assert.Equal("a=1", received.Header("Cookie"));
        Assert.Equal("192.0.2.7, 127.0.0.1", received.Header("X-Forwarded-For"));
        Assert.Equal("id", received.Header("X-Request-Id"));
        Assert.Equal(2, received.Body.Length);
    }

    private const string Spoofed =
        "GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n" +
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Port: 443\r\nX-Real-IP: 192.0.2.3\r\n" +
        "Forwarded: for=192.0.2.4\r\nX_Forwarded_For: 192.0.2.5\r\nX_FORWARDED_PROTO: https\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task ForwardedFieldsOfAStranger_AreReplaced(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url, "forwarding: { headers: both }");
        await gateway.AskAsync(Spoofed);
        var received = Assert.Single(upstream.Requests);
        Assert.Equal("127.0.0.1", received.Header("X-Forwarded-For"));
        Assert.Equal("http", received.Header("X-Forwarded-Proto"));
        Assert.Equal("a", received.Header("X-Forwarded-Host"));
        Assert.Equal("for=127.0.0.1;host=\"a\";proto=http", received.Header("Forwarded"));
        Assert.Null(received.Header("X-Real-IP"));
        Assert.DoesNotContain(received.Headers, field => field.Key.Contains('_'));
    }

    [Theory]
    [EveryWire]
    public async Task ForwardedFieldsOfAProxyWeTrust_AreContinued(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url, TrustAll);
        await gateway.AskAsync(Spoofed);
        var received = Assert.Single(upstream.Requests);
        Assert.Equal("192.0.2.1, 192.0.2.2, 127.0.0.1", received.Header("X-Forwarded-For"));
        Assert.Equal("https", received.Header("X-Forwarded-Proto"));
        Assert.Equal("evil", received.Header("X-Forwarded-Host"));
        Assert.Equal("443", received.Header("X-Forwarded-Port"));
        Assert.StartsWith("for=192.0.2.4, for=127.0.0.1;", received.Header("Forwarded"));
        Assert.Equal("192.0.2.3", received.Header("X-Real-IP"));
        Assert.DoesNotContain(received.Headers, field => field.Key.Contains('_'));
    }

    [Theory]
    [EveryWire("none", false)]
    [EveryWire("forwarded", true)]
    public async Task ConfiguredFields_AreWrittenAndNoOthers(Wire wire, string headers, bool writesForwarded)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(
            wire,
            upstream.Url,
            $"forwarding: {{ headers: {headers}, via: true, requestId: false, traceContext: false }}");
        var response = await gateway.AskAsync(
            "GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.4\r\n" +
            "X-Request-Id: mine\r\ntracestate: v=1\r\n\r\n");
        var received = Assert.Single(upstream.Requests);
        Assert.Null(received.Header("X-Forwarded-For"));
        Assert.Equal(writesForwarded ? "for=127.0.0.1;host=\"a\";proto=http" : null, received.Header("Forwarded"));
        Assert.Equal("1.1 dataplane", received.Header("Via"));
        Assert.Equal("1.1 dataplane", response.Field("Via"));
        Assert.Equal("mine", received.Header("X-Request-Id"));
        Assert.Null(received.Header("traceparent"));
        Assert.Equal("v=1", received.Header("tracestate"));
    }

    [Fact]
    public async Task AddressOfAnIPv6Client_IsQuotedInForwarded()
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = new MemoryGateway
        {
            ClientAddress = new IPEndPoint(IPAddress.Parse("2001:db8::1"), 4000),
        };
        await gateway.StartAsync(TestGateway.ProxyTo(upstream.Url, "forwarding: { headers: both }"));
        await gateway.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        var received = Assert.Single(upstream.Requests);
        Assert.Equal("2001:db8::1", received.Header("X-Forwarded-For"));
        Assert.StartsWith("for=\"[2001:db8::1]\";", received.Header("Forwarded"));
    }

    [Theory]
    [EveryWire("")]
    [EveryWire("X-Request-Id: has space\r\n")]
    [EveryWire("X-Request-Id: has\"quote\r\n")]
    public async Task RequestIdThatIsMissingOrUnfit_IsMade(Wire wire, string field)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await gateway.AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\n{field}\r\n");
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single(upstream.Requests).Header("X-Request-Id"));
    }

    [Theory]
    [EveryWire("")]
    [EveryWire("traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n")]
    [EveryWire("traceparent: 00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01\r\n")]
    [EveryWire("traceparent: nonsense\r\n")]
    public async Task TraceThatCannotBeContinued_StartsAnew(Wire wire, string field)
    {
        await using var upstream = FakeUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        await gateway.AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\n{field}tracestate: v=1\r\n\r\n");
        var received = Assert.Single(upstream.Requests);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", received.Header("traceparent"));
        Assert.Null(received.Header("tracestate"));
    }

    [Theory]
    [EveryWire("xForwarded")]
    [EveryWire("both")]
    public async Task HeadsOfEverySize_FitTheUpstreamsHead(Wire wire, string headers)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = await TestGateway.ProxyAsync(
            wire, upstream.Url, $"forwarding: {{ headers: {headers}, trustedProxies: [127.0.0.0/8], via: true }}");
        await using var client = await gateway.ConnectAsync();
        string host = string.Join('.', Enumerable.Repeat(new string('h', 60), 4));
        for (int size = 0; size < 8000; size = size * 5 / 4 + 13)
        {
            string fields = string.Concat(Enumerable.Range(0, Math.Min(80, size / 5)).Select(each => $"F{each}:x\r\n"));
            await client.SendAsync(
                $"GET /p{new string('p', size % 500)} HTTP/1.1\r\nHost:{host}\r\n" +
                $"X-Request-Id:{new string('i', 128)}\r\n" +
                $"X-Forwarded-For:{new string('1', size)}\r\nForwarded:{new string('f', size)}\r\n{fields}\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Empty(upstream.Violations);
    }
}
