using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional;

/// <summary>Clients that stop sending, go away or break off.</summary>
public sealed class ClientEndTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [EveryWire]
    public async Task Reset_CancelsTheUpstreamExchange(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await client.ResetAsync();
        Assert.Equal("", await upstream.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task HalfCloseWithoutAnswer_CancelsAfterTheGrace(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { halfCloseGrace: 100ms }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await client.HalfCloseAsync();
        Assert.Equal("", await upstream.ReadToEndAsync());
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [EveryWire]
    public async Task HalfClose_IsAnsweredWithinTheGrace(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { halfCloseGrace: 10s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await client.HalfCloseAsync();
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync(Ok);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.False(client.WasReset);
    }

    [Fact]
    public async Task HalfCloseWithoutAnswer_CancelsExactlyAfterTheGrace()
    {
        await using var gateway = new MemoryGateway();
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { halfCloseGrace: 10s }"));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await client.HalfCloseAsync();
        var ended = upstream.ReadToEndAsync();
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(9.9));
        Assert.False(ended.IsCompleted);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal("", await ended);
    }

    [Theory]
    [EveryWire]
    public async Task EndBehindAPartOfTheNextHead_StillLeavesTheAnswer(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        for (int round = 0; round < 20; round++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync("GET /mock HTTP/1.1\r\nHost: a\r\n\r\nGET /mo");
            await client.HalfCloseAsync();
            Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
            Assert.Equal("", await client.ReadToEndAsync());
        }
    }

    [Theory]
    [EveryWire]
    public async Task EndInsideABody_BreaksTheUpstreamRequestOff(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        Assert.Equal("5\r\nhello\r\n", await upstream.ReadUntilAsync("hello\r\n"));
        await client.HalfCloseAsync();
        // A last chunk here would complete a request that its client never completed.
        Assert.Equal("", await upstream.ReadToEndAsync());
    }

    [Theory]
    [EveryWire]
    public async Task ResetInsideAResponse_CancelsTheUpstreamExchange(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(Get);
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\nsome");
        await client.ReadUntilAsync("some");
        await client.ResetAsync();
        Assert.Equal("", await upstream.ReadToEndAsync());
    }

    [Theory]
    [EveryWire]
    public async Task SilentEnds_LeaveNothing(Wire wire)
    {
        await using var gateway = await TestGateway.ProxyAsync(wire, "http://127.0.0.1:1");
        string[] beginnings =
        [
            "", "G", "GET /x HTTP/1.1\r\nHost", "POST /mock HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123",
        ];
        foreach (string sent in beginnings)
        {
            await using var closing = await gateway.ConnectAsync();
            await closing.SendAsync(sent);
            await closing.HalfCloseAsync();
            await closing.ReadToEndAsync();
            await using var breaking = await gateway.ConnectAsync();
            await breaking.SendAsync(sent);
            await breaking.ResetAsync();
        }
    }
}
