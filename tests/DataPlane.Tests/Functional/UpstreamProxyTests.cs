using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>Connections to upstreams that begin with a PROXY header, and who may use them again.</summary>
public sealed class UpstreamProxyTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [EveryWire]
    public async Task Connection_IsUsedAgain_ByTheSameClientOnly(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Own(new PeerService(gateway.Listen(), PeerService.Response(200)) { KeepsHeads = true });
        await gateway.StartAsync(Config(service.Url));
        await using var first = await gateway.ConnectAsync();
        await AskAsync(first);
        Assert.StartsWith("PROXY ", service.LastHead, StringComparison.Ordinal);
        await AskAsync(first);
        Assert.StartsWith("GET /x ", service.LastHead, StringComparison.Ordinal);
        Assert.Equal(1, service.Connections);
        await using var second = await gateway.ConnectAsync();
        await AskAsync(second);
        Assert.StartsWith("PROXY ", service.LastHead, StringComparison.Ordinal);
        Assert.Equal(2, service.Connections);
        await AskAsync(first);
        Assert.Equal(2, service.Connections);
    }

    [Theory]
    [EveryWire]
    public async Task Connection_EndsWithItsClients(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Own(gateway.Listen());
        await gateway.StartAsync(Config(listener.Url));
        var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(PeerService.Response(200));
        await client.ReadResponseAsync();
        Assert.Equal(1, gateway.Snapshot.Upstreams[0].Endpoints[0].Idle);
        await client.DisposeAsync();
        Assert.Equal("", await upstream.ReadToEndAsync());
        await Eventually.HoldsAsync(
            () => gateway.Snapshot.Upstreams[0].Endpoints[0].Connections == 0, "no connection is left");
    }

    [Theory]
    [EveryWire]
    public async Task IdleConnectionOfAnotherClient_GivesWay_WhenAllAreTaken(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Own(new PeerService(gateway.Listen(), PeerService.Response(200)));
        await gateway.StartAsync(Config(service.Url, "connections: { max: 1, idle: 1 },"));
        for (int each = 0; each < 6; each++)
        {
            var client = await gateway.ConnectAsync();
            await client.SendAsync(Get);
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        Assert.Equal(6, service.Connections);
    }

    [Theory]
    [EveryWire]
    public async Task Reload_ThatSwitchesIt_LeavesNoOldConnectionInUse(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Own(new PeerService(gateway.Listen(), PeerService.Response(200)) { KeepsHeads = true });
        await gateway.StartAsync(Config(service.Url));
        await using var client = await gateway.ConnectAsync();
        await AskAsync(client);
        await gateway.ReloadAsync(Config(service.Url).Replace("v1", "off", StringComparison.Ordinal));
        await AskAsync(client);
        Assert.StartsWith("GET /x ", service.LastHead, StringComparison.Ordinal);
        Assert.Equal(2, service.Connections);
        await gateway.ReloadAsync(Config(service.Url));
        await AskAsync(client);
        Assert.StartsWith("PROXY ", service.LastHead, StringComparison.Ordinal);
        Assert.Equal(3, service.Connections);
    }

    [Theory]
    [EveryWire]
    public async Task HealthCheck_SpeaksForTheGatewayItself(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Own(new PeerService(gateway.Listen(), PeerService.Response(200)) { KeepsHeads = true });
        await gateway.StartAsync(Config(service.Url, "health: { active: { path: /healthz } },"));
        await Eventually.HoldsAsync(() => service.Requests > 0, "a check");
        Assert.StartsWith("PROXY UNKNOWN\r\nGET /healthz ", service.LastHead, StringComparison.Ordinal);
    }

    private static async Task AskAsync(RawPeer client)
    {
        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    private static string Config(string url, string more = "") =>
        $$"""
        upstreams: { up: { endpoints: [ "{{url}}" ], {{more}} proxyProtocol: v1 } }
        routes: [ { match: { path: "/{rest+}" }, to: { upstream: up } } ]
        """;
}
