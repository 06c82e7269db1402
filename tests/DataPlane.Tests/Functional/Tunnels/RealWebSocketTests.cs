using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>WebSockets of others on both sides of the gateway: Node's ws, and .NET's over both protocols.</summary>
public sealed class RealWebSocketTests(NodePeers node) : IClassFixture<NodePeers>
{
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
