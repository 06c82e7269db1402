using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>Streams of events: each one comes when the upstream sends it, and silence ends nothing too early.</summary>
public sealed class EventStreamTests
{
    private const string Get = "GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n";

    [Theory]
    [EveryWire("Transfer-Encoding: chunked\r\n", true)]
    [EveryWire("Connection: close\r\n", false)]
    public async Task Events_ComeOneByOne(Wire wire, string framing, bool isChunked)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{framing}\r\n");
        Assert.Contains("text/event-stream", await client.ReadHeadAsync(), StringComparison.Ordinal);
        // The upstream sends the next event only when the client has the one before.
        for (int each = 10; each < 40; each++)
        {
            string text = $"data: {each}\n\n";
            await upstream.SendAsync(isChunked ? $"a\r\n{text}\r\n" : text);
            await client.ReadUntilAsync(text);
        }
        if (isChunked) await upstream.SendAsync("0\r\n\r\n");
        else await upstream.HalfCloseAsync();
        // The gateway's own framing is chunked either way.
        await client.ReadUntilAsync("0\r\n\r\n");
    }

    [Theory]
    [EveryWire]
    public async Task EventsInOneSendAndInPieces_ComeWithoutDelay(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
            "9\r\ndata: a\n\n\r\n9\r\ndata: b\n\n\r\n12\r\ndata: half of ");
        await client.ReadUntilAsync("data: a\n\n");
        await client.ReadUntilAsync("data: b\n\n");
        // Half an event is not held back either: nobody here knows what an event is.
        await client.ReadUntilAsync("data: half of ");
        await upstream.SendAsync("it\n\n\r\n0\r\n\r\n");
        await client.ReadUntilAsync("it\n\n");
        await client.ReadUntilAsync("0\r\n\r\n");
    }

    [Fact]
    public async Task Silence_EndsTheStreamWithTheUpstreamsIdleTimeoutOnly()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync($$"""
            limits: { idleTimeout: 1s, bodyRateGrace: 1s }
            upstreams: { up: { endpoints: [ "{{listener.Url}}" ], timeouts: { response: 1s, idle: 10m } } }
            routes: [ { match: { path: "/{path+}" }, to: { upstream: up } } ]
            """);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n");
        await client.ReadUntilAsync("data: a\n\n");
        await gateway.AdvanceAsync(TimeSpan.FromMinutes(9.9));
        await upstream.SendAsync("data: b\n\n");
        await client.ReadUntilAsync("data: b\n\n");
        await gateway.AdvanceAsync(TimeSpan.FromMinutes(9.9));
        await upstream.SendAsync("data: c\n\n");
        await client.ReadUntilAsync("data: c\n\n");
        await gateway.AdvanceAsync(TimeSpan.FromMinutes(10.1));
        Assert.DoesNotContain("0\r\n\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }
}
