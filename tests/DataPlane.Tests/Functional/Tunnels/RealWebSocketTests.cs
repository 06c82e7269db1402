using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>WebSockets of others on both sides of the gateway: Node's ws, and .NET's over both protocols.</summary>
public sealed class RealWebSocketTests(NodePeers node) : IClassFixture<NodePeers>
{
    /// <summary>Tells what it has seen by a request of its own; in one line, without an apostrophe.</summary>
    private const string Page =
        "<script>(async () => { await (await fetch(\"/bytes/1000\")).text(); "
        + "const entry = performance.getEntriesByName(location.origin + \"/bytes/1000\")[0]; "
        + "const socket = new WebSocket(location.origin.replace(\"https\", \"wss\") + \"/chat\"); "
        + "socket.onopen = () => socket.send(\"hello\"); "
        + "socket.onmessage = message => "
        + "fetch(\"/done?protocol=\" + entry.nextHopProtocol + \"&echo=\" + message.data); })();</script>";

    [Theory]
    [SocketWire]
    public async Task NodeToNode_EverythingWorks(Wire wire)
    {
        var (server, url) = await node.StartServerAsync();
        await using var owned = server;
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync(TestGateway.ProxyTo(url));
        await using var client = node.StartClient("check", UrlOf(gateway));
        await NodePeers.SaysAsync(client, "ALL GOOD");
        Assert.DoesNotContain("ERROR", server.Said, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task NodeToNode_ThroughTls(Wire wire)
    {
        using var files = new CertificateFolder();
        files.Issue("ws", "127.0.0.1").Dispose();
        var (server, url) = await node.StartServerAsync();
        await using var owned = server;
        await using var gateway = new HostedGateway(wire) { ListenerKeys = files.ListenerTls("ws") };
        await gateway.StartAsync(TestGateway.ProxyTo(url));
        await using var client = node.StartTlsClient(
            "check", $"wss://127.0.0.1:{gateway.Port}/chat", files.PathOf("ca.pem"));
        await NodePeers.SaysAsync(client, "ALL GOOD");
        Assert.DoesNotContain("ERROR", server.Said, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task Chromium_FetchesByHttp2AndTalksByWebSocket(Wire wire)
    {
        using var files = new CertificateFolder();
        files.Issue("page", "127.0.0.1").Dispose();
        var (server, chat) = await node.StartServerAsync();
        await using var owned = server;
        await using var upstream = FakeUpstream.Start();
        await using var gateway = new HostedGateway(wire) { ListenerKeys = files.ListenerTls("page") };
        await gateway.StartAsync(
            $$"""
            upstreams:
              chat: { endpoints: [ "{{chat}}" ] }
              data: { endpoints: [ "{{upstream.Url}}" ] }
            routes:
              - match: { path: /page }
                to: { mock: { headers: { Content-Type: text/html }, body: '{{Page}}' } }
              - { match: { path: /chat }, to: { upstream: chat } }
              - { match: { path: "/{path+}" }, to: { upstream: data } }
            """);
        var profile = Directory.CreateTempSubdirectory("chromium-");
        await using (var browser = RealTool.Start(
            "chromium", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--ignore-certificate-errors", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}",
            $"https://127.0.0.1:{gateway.Port}/page"))
        {
            await Eventually.HoldsAsync(
                () => Asked(upstream).Contains("/done?", StringComparison.Ordinal), "the page says that it is done");
        }
        Assert.Contains("/done?protocol=h2&echo=hello", Asked(upstream), StringComparison.Ordinal);
        profile.Delete(recursive: true);
    }

    [Theory]
    [SocketWire]
    public async Task Drain_IsACloseToBoth(Wire wire)
    {
        var (server, url) = await node.StartServerAsync();
        await using var owned = server;
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync(TestGateway.ProxyTo(url));
        await using var client = node.StartClient("wait", UrlOf(gateway));
        await NodePeers.SaysAsync(client, "OPEN");
        var drained = gateway.DrainAsync();
        await NodePeers.SaysAsync(client, "CLOSED 1001 going away");
        await NodePeers.SaysAsync(server, "CLOSED 1001 going away");
        await drained.WaitAsync(Eventually.Patience);
    }

    [Theory]
    [SocketWire("1.1")]
    [SocketWire("2.0")]
    public async Task DotNetClient_OverBothProtocols(Wire wire, string version)
    {
        var (server, url) = await node.StartServerAsync();
        await using var owned = server;
        await using var gateway = new HostedGateway(wire);
        await gateway.StartAsync(TestGateway.ProxyTo(url));
        using var handler = new SocketsHttpHandler();
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.AddSubProtocol("echo");
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await socket.ConnectAsync(new Uri(UrlOf(gateway)), invoker, CancellationToken.None)
            .WaitAsync(Eventually.Patience);
        Assert.Equal("echo", socket.SubProtocol);
        foreach (int length in new[] { 1, 1000, 1 << 20, 10 })
        {
            byte[] sent = RandomNumberGenerator.GetBytes(length);
            await socket.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None)
                .WaitAsync(Eventually.Patience);
            byte[] received = await ReceiveAsync(socket, length);
            Assert.True(sent.AsSpan().SequenceEqual(received), "other bytes than were sent");
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None)
            .WaitAsync(Eventually.Patience);
        await NodePeers.SaysAsync(server, "CLOSED 1000 done");
    }

    private static string Asked(FakeUpstream upstream) =>
        string.Join(' ', upstream.Requests.Select(request => request.Target));

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, int length)
    {
        byte[] buffer = new byte[length + 1];
        for (int at = 0; ;)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(at), CancellationToken.None).AsTask()
                .WaitAsync(Eventually.Patience);
            at += part.Count;
            if (part.EndOfMessage) return buffer[..at];
        }
    }

    private static string UrlOf(HostedGateway gateway) => $"ws://127.0.0.1:{gateway.Address.Port}/chat";
}
