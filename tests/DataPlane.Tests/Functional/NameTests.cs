using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Names;

namespace DataPlane.Tests.Functional;

/// <summary>Endpoints that are names: what they stand for changes while requests go on.</summary>
public sealed class NameTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private const string Service = "_http._tcp.users.test";

    [Theory]
    [EveryWire]
    public async Task ServiceThatMoves_IsFollowed(Wire wire)
    {
        await using var dns = FakeDnsServer.Start();
        await using var gateway = TestGateway.Create(wire);
        var old = gateway.Listen();
        var other = gateway.Listen();
        PointTo(dns, old);
        await gateway.StartAsync(With(dns));
        await using var client = await gateway.ConnectAsync();
        await using var second = await gateway.ConnectAsync();
        await using var idle = await ServeAsync(client, old);
        // Under way while the service moves.
        await client.SendAsync(Get);
        await idle.ReadHeadAsync();
        await using var another = await ServeAsync(second, old);
        PointTo(dns, other);
        await MembersAsync(gateway, other);
        // What is idle is closed, what is under way ends.
        await another.ReadToEndAsync();
        await idle.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        await idle.ReadToEndAsync();
        await using var moved = await ServeAsync(client, other);
        Assert.Equal(2, old.Accepted);
    }

    [Theory]
    [EveryWire]
    public async Task AddressThatStays_KeepsItsConnections(Wire wire)
    {
        await using var dns = FakeDnsServer.Start();
        await using var gateway = TestGateway.Create(wire);
        var first = gateway.Listen();
        var added = gateway.Listen();
        PointTo(dns, first);
        await gateway.StartAsync(With(dns));
        await using var client = await gateway.ConnectAsync();
        await using var kept = await ServeAsync(client, first);
        PointTo(dns, first, added);
        await MembersAsync(gateway, first, added);
        // In turn: one of the two next requests goes to each.
        var serving = ServeOnceAsync(kept);
        var servingAdded = ServeAddedAsync(added);
        for (int each = 0; each < 2; each++)
        {
            await client.SendAsync(Get);
            Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        }
        await serving;
        await using var opened = await servingAdded;
        Assert.Equal(1, first.Accepted);
    }

    [Theory]
    [EveryWire(FakeDnsMode.Fails)]
    [EveryWire(FakeDnsMode.Answers)]
    public async Task NameServerThatFails_ChangesNothing(Wire wire, FakeDnsMode mode)
    {
        await using var dns = FakeDnsServer.Start();
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        PointTo(dns, listener);
        await gateway.StartAsync(With(dns));
        await using var client = await gateway.ConnectAsync();
        await using var upstream = await ServeAsync(client, listener);
        dns.Mode = mode;
        dns.Remove(Service);
        int questions = dns.Questions;
        await PassAsync(gateway, () => dns.Questions > questions + 2, "names are looked up in vain");
        var serving = ServeOnceAsync(upstream);
        await client.SendAsync(Get);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        await serving;
        // The warning about it is the point here.
        gateway.TakeLogged();
    }

    [Theory]
    [EveryWire]
    public async Task NameNobodyKnowsYet_Is503UntilItIsKnown(Wire wire)
    {
        await using var dns = FakeDnsServer.Start();
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(With(dns));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        Assert.Equal(503, (await client.ReadResponseAsync()).Status);
        PointTo(dns, listener);
        await MembersAsync(gateway, listener);
        await using var upstream = await ServeAsync(client, listener);
        gateway.TakeLogged();
    }

    private static void PointTo(FakeDnsServer dns, params PeerListener[] listeners)
    {
        string host = new Uri(listeners[0].Url).Host;
        dns.Set("host.test", 0, host);
        dns.SetService(
            Service, 0, [.. listeners.Select(each => (1, 1, new Uri(each.Url).Port, "host.test"))]);
    }

    private static Task MembersAsync(TestGateway gateway, params PeerListener[] listeners)
    {
        int[] ports = [.. listeners.Select(each => new Uri(each.Url).Port).Order()];
        return PassAsync(
            gateway,
            () => gateway.Snapshot.Upstreams[0].Endpoints
                .Select(each => int.Parse(each.Address.ToString().Split(':')[^1])).Order().SequenceEqual(ports),
            "the answer is in use");
    }

    private static Task PassAsync(TestGateway gateway, Func<bool> condition, string what) =>
        gateway is MemoryGateway memory
        ? memory.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), condition, what)
        : Eventually.HoldsAsync(condition, what);

    private static async Task<RawPeer> ServeAsync(RawPeer client, PeerListener listener)
    {
        await client.SendAsync(Get);
        var upstream = await ServeAddedAsync(listener);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        return upstream;
    }

    private static async Task<RawPeer> ServeAddedAsync(PeerListener listener)
    {
        var upstream = await listener.AcceptAsync();
        await ServeOnceAsync(upstream);
        return upstream;
    }

    private static async Task ServeOnceAsync(RawPeer upstream)
    {
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(Ok);
    }

    private static string With(FakeDnsServer dns) =>
        $$"""
        dns: { resolvers: ["{{dns.Address}}"], minimumTtl: 50ms, timeout: 20s }
        upstreams: { up: { endpoints: [ "srv+http://{{Service}}" ] } }
        routes: [ { match: { path: /x }, to: { upstream: up } } ]
        """;
}
