using System.Net;
using System.Net.Sockets;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>What happens to a request when all connections are in use, or none can be had.</summary>
public sealed class PendingQueueTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [EveryWire]
    public async Task RequestBehindAnother_GetsItsConnection(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(With(listener.Url, "max: 1, pendingTimeout: 1h"));
        var queue = gateway.Snapshot.Upstreams[0].Pending!;
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        // Clients of either loop, of which one cannot take over the connection.
        var waiting = new List<Task<RawResponse>>();
        for (int each = 0; each < 4; each++) waiting.Add(gateway.AskAsync(Get));
        await Eventually.HoldsAsync(() => queue.Waiting == 4, "four requests wait");
        await upstream.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        var serving = ServeAsync(listener, upstream, 4);
        foreach (var each in waiting) Assert.Equal("ok", (await each).Text);
        await serving;
        Assert.Equal(0, queue.Waiting);
        Assert.Equal(4, queue.Total);
    }

    [Theory]
    [EveryWire]
    public async Task IdleConnectionOfAnotherLoop_MakesRoom(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(With(listener.Url, "max: 1, pendingTimeout: 1h"));
        var serving = ServeAsync(listener, null, 8);
        // Each on a client connection of its own, on whichever loop.
        for (int each = 0; each < 8; each++) Assert.Equal("ok", (await gateway.AskAsync(Get)).Text);
        await serving;
    }

    [Theory]
    [EveryWire]
    public async Task FullQueue_Is503(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(With(listener.Url, "max: 1, pending: 1, pendingTimeout: 1h"));
        var queue = gateway.Snapshot.Upstreams[0].Pending!;
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await using var second = await gateway.ConnectAsync();
        await second.SendAsync(Get);
        await Eventually.HoldsAsync(() => queue.Waiting == 1, "one request waits");
        var refused = await gateway.AskAsync(Get);
        Assert.Equal(503, refused.Status);
        Assert.Contains("All connections", refused.Text);
        Assert.Equal("1", refused.Field("Retry-After"));
        Assert.Equal(1, queue.Overflowed);
        // A client that leaves gives its place up.
        await second.ResetAsync();
        await Eventually.HoldsAsync(() => queue.Waiting == 0, "nobody waits");
        await upstream.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task TurnThatDoesNotCome_Is503()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(With(listener.Url, "max: 1, pendingTimeout: 2s"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        var waiting = gateway.AskAsync(Get);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal(503, (await waiting).Status);
        Assert.Equal(1, gateway.Snapshot.Upstreams[0].Pending!.TimedOut);
        await upstream.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task EndpointWithRoom_IsUsedInsteadOfWaiting(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var first = gateway.Listen();
        var other = gateway.Listen();
        await gateway.StartAsync(With($"{first.Url}\", \"{other.Url}", "max: 1, pending: 0"));
        await using var client = await gateway.ConnectAsync();
        await using var second = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await second.SendAsync(Get);
        var serving = Task.WhenAll(ServeAsync(first, null, 1), ServeAsync(other, null, 1));
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal("ok", (await second.ReadResponseAsync()).Text);
        await serving;
    }

    [Theory]
    [SocketWire]
    public async Task ClientThatLeavesDuringTheConnect_EndsItsExchangeAtOnce(Wire wire)
    {
        // Nobody accepts, and the kernel's queue is full: a connect neither succeeds nor fails.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var fillers = new List<Socket>();
        try
        {
            for (int each = 0; each < 4; each++)
            {
                var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                {
                    Blocking = false,
                };
                fillers.Add(filler);
                try
                {
                    filler.Connect(full.LocalEndPoint!);
                }
                catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock)
                {
                }
            }
            await using var gateway = await TestGateway.StartAsync(
                wire, With($"http://{full.LocalEndPoint}", "max: 1", "timeouts: { connect: 1h }"));
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync(Get);
            var endpoint = gateway.Snapshot.Upstreams[0].Endpoints[0];
            await Eventually.HoldsAsync(() => endpoint.Connections == 1, "the connect is under way");
            await client.ResetAsync();
            await Eventually.HoldsAsync(() => gateway.Open == 0, "the client's connection is gone");
            full.Dispose();
            await Eventually.HoldsAsync(() => endpoint.Connections == 0, "the connect has failed");
        }
        finally
        {
            foreach (var filler in fillers) filler.Dispose();
        }
    }

    /// <summary>Answers so many requests, one after the other, on whichever connection they come.</summary>
    private static async Task ServeAsync(PeerListener listener, RawPeer? upstream, int count)
    {
        for (int served = 0; served < count;)
        {
            upstream ??= await listener.AcceptAsync();
            try
            {
                await upstream.ReadHeadAsync();
                await upstream.SendAsync(Ok);
                served++;
            }
            catch (EndOfStreamException)
            {
                await upstream.DisposeAsync();
                upstream = null;
            }
        }
        if (upstream is not null) await upstream.DisposeAsync();
    }

    private static string With(string urls, string connections, string more = "") =>
        $$"""
        upstreams:
          up:
            endpoints: [ "{{urls}}" ]
            connections: { {{connections}} }
            {{more}}
        routes: [ { match: { path: /x }, to: { upstream: up } } ]
        """;
}
