using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Corpora;
using DataPlane.Tests.Http.ProxyProtocol;

namespace DataPlane.Tests.Functional;

/// <summary>PROXY headers in front of what clients send, on the transports of the kernel.</summary>
public sealed class ProxyProtocolTests
{
    private const string Trusted = "trusted: [127.0.0.0/8]";
    private const string Get = "GET /who HTTP/1.1\r\nHost: gw.test\r\nConnection: close\r\n\r\n";

    private const string Routes =
        """
        limits: { headTimeout: 300ms }
        routes:
          - match: { path: "/{rest+}" }
            headers: { response: { set: { X-Client: "{client.address}" } } }
            to: { mock: { body: hello } }
          - match: { path: / }
            headers: { response: { set: { X-Client: "{client.address}" } } }
            to: { mock: { body: hello } }
        """;

    [Theory]
    [SocketWire(false)]
    [SocketWire(true)]
    public async Task EveryVector_HasItsEnd(Wire wire, bool byteByByte)
    {
        if (!SharedCorpora.TryRead("http/proxy_protocol_vectors.json", out var document)) return;
        await using var gateway = await StartAsync(wire, "required");
        var failures = new List<string>();
        foreach (var vector in ProxyHeaderParserTests.Vectors(document))
        {
            string answer = await SendAsync(gateway, vector.ReadBytes("bytes"), byteByByte);
            string expect = vector.GetProperty("expect").GetString()!;
            string? client = vector.GetProperty("client").GetString();
            bool mayBeTaken = expect.StartsWith("accept", StringComparison.Ordinal);
            bool mustBeTaken = mayBeTaken && !expect.Contains("reject", StringComparison.Ordinal);
            bool isTaken = answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
            string address = client?.Contains("192.0.2.7", StringComparison.Ordinal) == true ? "192.0.2.7"
                : client?.Contains("2001", StringComparison.Ordinal) == true ? "2001:db8::7" : "127.0.0.1";
            bool isRight = isTaken
                ? mayBeTaken && answer.Contains($"X-Client: {address}\r\n", StringComparison.Ordinal)
                : !mustBeTaken;
            if (!isRight) failures.Add($"{vector.GetProperty("id")}: {answer}");
        }
        Assert.Empty(failures);
    }

    [Theory]
    [SocketWire]
    public async Task Optional_TakesBoth_FromTrustedPeers(Wire wire)
    {
        await using var gateway = await StartAsync(wire, "optional");
        Assert.Contains("X-Client: 127.0.0.1\r\n", await SendAsync(gateway, Latin1.Bytes(Get)));
        string proxied = await SendAsync(gateway, Latin1.Bytes("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n" + Get));
        Assert.Contains("X-Client: 192.0.2.7\r\n", proxied);
    }

    [Theory]
    [SocketWire("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n")]
    [SocketWire("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\xdc\x04\x01\xbb")]
    public async Task Stranger_CannotSayWhoHeIs(Wire wire, string header)
    {
        await using var optional = await StartAsync(wire, "optional", "trusted: [192.0.2.0/24]");
        Assert.StartsWith("HTTP/1.1 400 ", await SendAsync(optional, Latin1.Bytes(header + Get)));
        Assert.Contains("X-Client: 127.0.0.1\r\n", await SendAsync(optional, Latin1.Bytes(Get)));
        await using var required = await StartAsync(wire, "required", "trusted: [192.0.2.0/24]");
        Assert.Equal("", await SendAsync(required, Latin1.Bytes(header + Get)));
        await using var off = await TestGateway.StartAsync(wire, Routes);
        Assert.StartsWith("HTTP/1.1 400 ", await SendAsync(off, Latin1.Bytes(header + Get)));
    }

    [Theory]
    [SocketWire]
    public async Task Header_CountsForTheWholeConnection_AndWhatFollowsIsNotLost(Wire wire)
    {
        await using var gateway = await StartAsync(wire, "required");
        await using var client = await gateway.ConnectAsync();
        string request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
        await client.SendAsync("PROXY TCP6 2001:db8::7 ::1 1 2\r\n" + request + request);
        for (int each = 0; each < 2; each++)
            Assert.Equal("2001:db8::7", (await client.ReadResponseAsync()).Field("X-Client"));
        await client.SendAsync(request);
        Assert.Equal("2001:db8::7", (await client.ReadResponseAsync()).Field("X-Client"));
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamIsTold_WhoTheClientIs(Wire wire)
    {
        await using var gateway = new HostedGateway(wire) { ListenerKeys = $"proxyProtocol: required, {Trusted}" };
        var upstream = gateway.Own(new PeerService(gateway.Listen(), PeerService.Response(200)) { KeepsHeads = true });
        await gateway.StartAsync(TestGateway.ProxyTo(upstream.Url));
        await SendAsync(gateway, Latin1.Bytes("PROXY TCP4 192.0.2.7 192.0.2.1 1 8443\r\n" + Get));
        Assert.Contains("X-Forwarded-For: 192.0.2.7\r\n", upstream.LastHead);
        Assert.Contains("X-Forwarded-Port: 8443\r\n", upstream.LastHead);
    }

    [Theory]
    [SocketWire]
    public async Task Curl_SpeaksIt(Wire wire)
    {
        await using var gateway = await StartAsync(wire, "required");
        var (status, said) = await RealTool.RunAsync(
            "curl", "curl", "-sSi", "--haproxy-protocol", $"{gateway.Address}who");
        Assert.True(status == 0, said);
        Assert.Contains("X-Client: 127.0.0.1", said, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task Metrics_TellEachResult(Wire wire)
    {
        await using var gateway = await StartAsync(wire, "required");
        await SendAsync(gateway, Latin1.Bytes("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n" + Get));
        await SendAsync(gateway, Latin1.Bytes("PROXY TCP4 192.0.2.7 192.0.2.1 1 x\r\n" + Get));
        await SendAsync(gateway, Latin1.Bytes(Get));
        using var http = new HttpClient();
        string page = await http.GetStringAsync(new Uri(gateway.AdminAddress, "metrics"));
        foreach (string result in new[] { "v1", "bad_port", "missing" })
        {
            Assert.Contains(
                $"dataplane_proxy_protocol_connections_total{{listener=\"public\",result=\"{result}\"}} 1\n", page);
        }
    }

    private static async Task<HostedGateway> StartAsync(Wire wire, string mode, string trusted = Trusted)
    {
        var gateway = new HostedGateway(wire) { ListenerKeys = $"proxyProtocol: {mode}, {trusted}" };
        await gateway.StartAsync(Routes);
        return gateway;
    }

    private static async Task<string> SendAsync(TestGateway gateway, byte[] bytes, bool byteByByte = false)
    {
        try
        {
            await using var client = await gateway.ConnectAsync();
            int step = byteByByte && bytes.Length < 1000 ? 1 : bytes.Length;
            for (int place = 0; place < bytes.Length; place += step)
                await client.SendAsync(bytes.AsMemory(place, Math.Min(step, bytes.Length - place)));
            return await client.ReadToEndAsync();
        }
        catch (Exception ended) when (ended is IOException or System.Net.Sockets.SocketException)
        {
            // Refused before everything was sent, or before the connect was noticed.
            return "";
        }
    }
}
