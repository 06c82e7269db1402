using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Http2;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>
/// WebSocket over a stream of HTTP/2 (RFC 8441), as the upstream and a client that counts frames see it.
/// </summary>
public sealed class ExtendedConnectTests
{
    private const int GoingAway = 1001;

    private static readonly (string Name, string Value)[] s_connect =
    [
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/chat"),
        (":authority", "gw.test"), ("sec-websocket-version", "13"),
    ];

    [Theory]
    [SocketWire]
    public async Task Connect_IsAnUpgradeWithAKeyOfOurOwn(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        int stream = await client.OpenAsync(
            [.. s_connect, ("sec-websocket-key", TunnelPair.Key), ("sec-websocket-protocol", "chat")], ends: false);
        await using var upstream = await listener.AcceptAsync();
        var request = new RawResponse(await upstream.ReadHeadAsync(), []);
        Assert.Equal("GET /chat HTTP/1.1", request.StatusLine);
        Assert.Equal("gw.test", request.Field("Host"));
        Assert.Equal("Upgrade", request.Field("Connection"));
        Assert.Equal("websocket", request.Field("Upgrade"));
        Assert.Equal("13", request.Field("Sec-WebSocket-Version"));
        Assert.Equal("chat", request.Field("Sec-WebSocket-Protocol"));
        string key = request.Field("Sec-WebSocket-Key")!;
        Assert.Equal(16, Convert.FromBase64String(key).Length);
        Assert.NotEqual(TunnelPair.Key, key);
        await AnswerAsync(upstream, key, "Sec-WebSocket-Protocol: chat\r\n");
        var head = await client.NextFieldsAsync();
        Assert.Contains((":status", "200"), head);
        Assert.Contains(("sec-websocket-protocol", "chat"), head);
        Assert.DoesNotContain(head, field => field.Name is "sec-websocket-accept" or "upgrade" or "connection");
        await EchoAsync(client, stream, upstream);
        // The client's end of the stream is its FIN.
        await client.SendAsync(Frame.Data, Frame.EndStream, stream);
        Assert.Equal("", await upstream.ReadToEndAsync());
        await upstream.HalfCloseAsync();
    }

    [Theory]
    [SocketWire]
    public async Task OrdinaryExchanges_GoOnBesideATunnel(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        var (stream, upstream) = await OpenAsync(client, listener);
        await using var owned = upstream;
        Assert.Equal("mocked", (await client.GetAsync("/mock")).Text);
        await EchoAsync(client, stream, upstream);
        await upstream.HalfCloseAsync();
        while (!(await client.NextAsync(Frame.Data)).EndsStream)
        {
        }
        Assert.Equal("mocked", (await client.GetAsync("/mock")).Text);
    }

    [Theory]
    [SocketWire]
    public async Task ResetOfTheStream_ClosesTheUpstreamAtOnce(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        var (stream, upstream) = await OpenAsync(client, listener);
        await using var owned = upstream;
        await client.SendAsync(Frame.Reset, 0, stream, Frame.Bytes(8));
        Assert.Equal("", await upstream.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task ResetOfTheUpstream_ResetsTheStream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        var (stream, upstream) = await OpenAsync(client, listener);
        await upstream.ResetAsync();
        Assert.Equal(stream, (await client.NextAsync(Frame.Reset)).Stream);
    }

    [Theory]
    [SocketWire]
    public async Task Drain_SaysGoodbyeOverTheStream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        var (stream, upstream) = await OpenAsync(client, listener);
        await using var owned = upstream;
        var drained = gateway.DrainAsync();
        var close = await client.NextAsync(Frame.Data);
        Assert.Equal(0x88, close.Payload[0]);
        Assert.Equal(GoingAway, close.Payload[2] << 8 | close.Payload[3]);
        Assert.Equal(GoingAway, await TunnelPair.ReadCloseAsync(upstream));
        await client.SendAsync(Frame.Data, 0, stream, TunnelPair.Close(GoingAway, 1));
        await upstream.SendAsync(TunnelPair.Close(GoingAway));
        Assert.Equal("", await upstream.ReadToEndAsync());
        await client.ReadToEndAsync();
        Assert.Equal(0, client.GoAwayCode);
        await drained.WaitAsync(Eventually.Patience);
    }

    [Theory]
    [SocketWire("/chat", "other", 501)]
    [SocketWire("/mock", "websocket", 501)]
    [SocketWire("/none/there", "websocket", 404)]
    public async Task ConnectThatIsNoTunnel_IsNeverAnsweredWith2xx(Wire wire, string path, string protocol, int status)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = Tools.Upstreams.FakeUpstream.Start(records: false);
        await gateway.StartAsync($$"""
            upstreams: { up: { endpoints: [ "{{upstream.Url}}" ] } }
            routes:
              - { match: { path: /mock }, to: { mock: { body: mocked } } }
              - { match: { path: /chat }, to: { upstream: up } }
            """);
        await using var client = await Http2Client.ConnectAsync(gateway);
        var fields = s_connect.Select(field => field.Name switch
        {
            ":protocol" => (field.Name, protocol),
            ":path" => (field.Name, path),
            _ => field,
        }).ToArray();
        var answer = await client.ReadResponseAsync(await client.OpenAsync(fields, ends: false));
        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamThatDoesNotSwitch_IsNoTunnel(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await Http2Client.ConnectAsync(gateway);
        int stream = await client.OpenAsync(s_connect, ends: false);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        // Data that comes too early is for nobody.
        await client.SendAsync(Frame.Data, 0, stream, TunnelPair.MaskedText("early"));
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal(501, (await client.ReadResponseAsync(stream)).Status);
        stream = await client.OpenAsync(s_connect, ends: false);
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        var answer = await client.ReadResponseAsync(stream);
        Assert.Equal((403, "no"), (answer.Status, answer.Text));
    }

    [Theory]
    [SocketWire]
    public async Task BadVersion_IsRefusedWithoutFieldsOfHttp1(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        await using var client = await Http2Client.ConnectAsync(gateway);
        var fields = s_connect.Select(field => field.Name == "sec-websocket-version" ? (field.Name, "12") : field);
        var answer = await client.ReadResponseAsync(await client.OpenAsync([.. fields], ends: false));
        Assert.Equal((426, "13"), (answer.Status, answer.Field("sec-websocket-version")));
        Assert.Null(answer.Field("connection"));
        Assert.Null(answer.Field("upgrade"));
    }

    private static async Task<(int Stream, RawPeer Upstream)> OpenAsync(Http2Client client, PeerListener listener)
    {
        int stream = await client.OpenAsync(s_connect, ends: false);
        var upstream = await listener.AcceptAsync();
        var request = new RawResponse(await upstream.ReadHeadAsync(), []);
        await AnswerAsync(upstream, request.Field("Sec-WebSocket-Key")!);
        await client.NextFieldsAsync();
        return (stream, upstream);
    }

    private static Task AnswerAsync(RawPeer upstream, string key, string more = "") => upstream.SendAsync(
        TunnelPair.Switching.Replace(TunnelPair.Accept, TunnelPair.AcceptOf(key), StringComparison.Ordinal)[..^2]
        + more + "\r\n");

    private static async Task EchoAsync(Http2Client client, int stream, RawPeer upstream)
    {
        byte[] up = TunnelPair.MaskedText("hello");
        byte[] down = TunnelPair.Text("hello");
        for (int each = 0; each < 3; each++)
        {
            await client.SendAsync(Frame.Data, 0, stream, up);
            Assert.Equal(up, await upstream.ReadExactlyAsync(up.Length));
            await upstream.SendAsync(down);
            Assert.Equal(down, (await client.NextAsync(Frame.Data)).Payload);
        }
    }
}
