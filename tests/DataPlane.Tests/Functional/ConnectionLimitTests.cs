using System.Net.Sockets;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>How many connections one client may have, and how many requests a route and a listener.</summary>
public sealed class ConnectionLimitTests
{
    private const string Mock = "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task ConnectionsOfOneAddress_AreBounded(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(
            wire, "http://127.0.0.1:1", "limits: { connectionsPerAddress: 2 }");
        await using var first = await AskAsync(gateway);
        var second = await AskAsync(gateway);
        Assert.Equal("", await RefusedAsync(gateway, ""));
        Assert.Equal(1, gateway.Connections.Admission.Refused(RefusalReason.Address));
        await second.DisposeAsync();
        await Eventually.HoldsAsync(() => gateway.Connections.Admission.Open == 1, "the closed one is not counted");
        await using var third = await AskAsync(gateway);
        Assert.Equal(1, gateway.Connections.Admission.Addresses);
    }

    [Theory]
    [SocketWire]
    public async Task AddressOfTheProxyHeader_IsTheOneThatCounts(Wire wire)
    {
        await using var gateway = new HostedGateway(wire)
        {
            ListenerKeys = "proxyProtocol: required, trusted: [127.0.0.1]",
        };
        await gateway.StartAsync(TestGateway.ProxyTo("http://127.0.0.1:1", "limits: { connectionsPerAddress: 1 }"));
        const string header = "PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n";
        await using var first = await AskAsync(gateway, header);
        Assert.Equal("", await RefusedAsync(gateway, header));
        await using var other = await AskAsync(gateway, "PROXY TCP4 192.0.2.8 192.0.2.1 1 2\r\n");
        await using var own = await AskAsync(gateway, "PROXY UNKNOWN\r\n");
        Assert.Equal((3, 3), (gateway.Connections.Admission.Open, gateway.Connections.Admission.Addresses));
    }

    [Theory]
    [EveryWire]
    public async Task RequestsBeyondARoutesBound_Are503(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var listener = gateway.Listen();
        await gateway.StartAsync(
            $$"""
            upstreams: { up: { endpoints: [ "{{listener.Url}}" ] } }
            routes:
              - { match: { path: /slow }, maxRequests: 1, to: { upstream: up } }
              - { match: { path: /mock }, to: { mock: { body: mocked } } }
            """);
        await using var first = await gateway.ConnectAsync();
        await first.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await using var second = await gateway.ConnectAsync();
        await second.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        var refused = await second.ReadResponseAsync();
        Assert.Equal((503, "1"), (refused.Status, refused.Field("Retry-After")));
        Assert.Contains("on this route", refused.Text, StringComparison.Ordinal);
        await second.SendAsync(Mock);
        Assert.Equal(200, (await second.ReadResponseAsync()).Status);
        await upstream.SendAsync(PeerService.Response(200));
        await first.ReadResponseAsync();
        // On the loop that has the upstream's connection.
        await first.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(PeerService.Response(200));
        Assert.Equal(200, (await first.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task RequestsBeyondAListenersBound_Are503(Wire wire)
    {
        await using var gateway = new HostedGateway(wire) { ListenerKeys = "maxRequests: 1" };
        await using var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var first = await gateway.ConnectAsync();
        await first.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        Assert.Equal(503, (await gateway.AskAsync(Mock)).Status);
        await first.DisposeAsync();
        await Eventually.HoldsAsync(
            async () => (await gateway.AskAsync(Mock)).Status == 200, "the client that left is not counted any more");
    }

    private static async Task<RawPeer> AskAsync(TestGateway gateway, string before = "")
    {
        var client = await gateway.ConnectAsync();
        await client.SendAsync(before + Mock);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        return client;
    }

    private static async Task<string> RefusedAsync(TestGateway gateway, string before)
    {
        try
        {
            await using var client = await gateway.ConnectAsync();
            if (before.Length > 0) await client.SendAsync(before);
            return await client.ReadToEndAsync();
        }
        catch (SocketException)
        {
            // The reset was faster than the connect could tell.
            return "";
        }
    }
}
