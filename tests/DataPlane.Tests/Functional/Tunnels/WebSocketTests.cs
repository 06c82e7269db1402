using System.Security.Cryptography;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>The tunnel behind a 101: bytes both ways, and how it ends.</summary>
public sealed class WebSocketTests
{
    [Theory]
    [EveryWire]
    public async Task Handshake_IsPassedOnAndAnswered(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        var client = await gateway.ConnectAsync();
        await client.SendAsync(TunnelPair.Request(
            "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate; a=1\r\n"));
        await using var upstream = await listener.AcceptAsync();
        var request = new RawResponse(await upstream.ReadHeadAsync(), []);
        Assert.Equal("Upgrade", request.Field("Connection"));
        Assert.Equal("websocket", request.Field("Upgrade"));
        Assert.Equal(TunnelPair.Key, request.Field("Sec-WebSocket-Key"));
        Assert.Equal("13", request.Field("Sec-WebSocket-Version"));
        Assert.Equal("chat, superchat", request.Field("Sec-WebSocket-Protocol"));
        Assert.Equal("permessage-deflate; a=1", request.Field("Sec-WebSocket-Extensions"));
        await upstream.SendAsync(
            TunnelPair.Switching[..^2] + "Sec-WebSocket-Protocol: superchat\r\nX-More: 1\r\n\r\n");
        var answer = new RawResponse(await client.ReadHeadAsync(), []);
        Assert.Equal("HTTP/1.1 101 Switching Protocols", answer.StatusLine);
        Assert.Equal("Upgrade", answer.Field("Connection"));
        Assert.Equal("websocket", answer.Field("Upgrade"));
        Assert.Equal(TunnelPair.Accept, answer.Field("Sec-WebSocket-Accept"));
        Assert.Equal("superchat", answer.Field("Sec-WebSocket-Protocol"));
        Assert.Equal("1", answer.Field("X-More"));
        Assert.Null(answer.Field("Content-Length"));
        await new TunnelPair(client, upstream).AssertEchoAsync();
    }

    [Theory]
    [EveryWire]
    public async Task Messages_GoBothWays(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        for (int each = 0; each < 50; each++) await pair.AssertEchoAsync($"message {each}");
        await pair.CloseAsync();
    }

    [Theory]
    [EveryWire]
    public async Task BytesBehindThe101_BelongToTheTunnel(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.AskAsync(gateway, listener, TunnelPair.Request());
        await pair.Upstream.SendAsync(TunnelPair.Switching + "\u0081\u0002hi");
        await pair.Client.ReadHeadAsync();
        Assert.Equal("\u0081\u0002hi", await pair.Client.ReadUntilAsync("hi"));
        await pair.AssertEchoAsync();
    }

    [Theory]
    [EveryWire(100)]
    [EveryWire(100_000)]
    [EveryWire(3_000_000)]
    public async Task LargeMessages_ComeWhole(Wire wire, int length)
    {
        byte[] payload = RandomNumberGenerator.GetBytes(length);
        byte[] up = TunnelPair.Frame(2, payload, mask: 0xCAFEBABE);
        byte[] down = TunnelPair.Frame(2, payload);
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        for (int round = 0; round < 3; round++)
        {
            var sent = Task.WhenAll(pair.Client.SendAsync(up), pair.Upstream.SendAsync(down));
            var received = pair.Upstream.ReadExactlyAsync(up.Length);
            AssertSame(down, await pair.Client.ReadExactlyAsync(down.Length));
            AssertSame(up, await received);
            await sent;
        }
        await pair.AssertEchoAsync();
    }

    [Theory]
    [EveryWire]
    public async Task ByteByByte_ComesThrough(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        byte[] up = TunnelPair.Frame(1, new byte[300], mask: 7);
        foreach (byte b in up) await pair.Client.SendAsync(new[] { b });
        Assert.Equal(up, await pair.Upstream.ReadExactlyAsync(up.Length));
        byte[] down = TunnelPair.Frame(1, new byte[300]);
        foreach (byte b in down) await pair.Upstream.SendAsync(new[] { b });
        Assert.Equal(down, await pair.Client.ReadExactlyAsync(down.Length));
    }

    [Theory]
    [EveryWire]
    public async Task SlowReader_HoldsTheSenderBack(Wire wire)
    {
        byte[] message = TunnelPair.Frame(2, new byte[50_000]);
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url, "limits: { responseMinimumRate: 0/s }"));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        // More than the kernel's buffers of both connections hold: it cannot all be under way.
        const int messages = 400;
        var sent = SendAsync();
        Assert.False(sent.IsCompleted);
        for (int each = 0; each < messages; each++)
            AssertSame(message, await pair.Client.ReadExactlyAsync(message.Length));
        await sent;
        await pair.AssertEchoAsync();

        async Task SendAsync()
        {
            for (int each = 0; each < messages; each++) await pair.Upstream.SendAsync(message);
        }
    }

    [Theory]
    [EveryWire]
    public async Task ClientFin_ReachesTheUpstreamAtOnce(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.Client.SendAsync(TunnelPair.MaskedText("last"));
        await pair.Client.HalfCloseAsync();
        Assert.Equal(10, (await pair.Upstream.ReadToEndAsync()).Length);
        Assert.False(pair.Upstream.WasReset);
    }

    [LinuxTheory]
    [InlineData(Wire.Epoll)]
    [InlineData(Wire.Memory)]
    public async Task WhatTheUpstreamStillHadToSay_ArrivesBehindTheClientsFin(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.Client.HalfCloseAsync();
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        await pair.Upstream.SendAsync(TunnelPair.Text("bye"));
        await pair.Upstream.HalfCloseAsync();
        Assert.EndsWith("bye", await pair.Client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.False(pair.Client.WasReset);
    }

    [Theory]
    [EveryWire]
    public async Task UpstreamFin_ClosesTheClient(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.Upstream.SendAsync(TunnelPair.Text("last"));
        await pair.Upstream.HalfCloseAsync();
        Assert.EndsWith("last", await pair.Client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.False(pair.Client.WasReset);
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
    }

    [Theory]
    [SocketWire]
    public async Task ClientReset_ResetsTheUpstream(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.Client.ResetAsync();
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        Assert.True(pair.Upstream.WasReset);
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamReset_ResetsTheClient(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        await pair.Upstream.ResetAsync();
        Assert.Equal("", await pair.Client.ReadToEndAsync());
        Assert.True(pair.Client.WasReset);
    }

    [Theory]
    [EveryWire]
    public async Task FrameOfImpossibleLength_EndsTheTunnel(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.OpenAsync(gateway, listener);
        byte[] frame = [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
        await pair.Client.SendAsync(frame);
        await pair.Client.ReadToEndAsync();
        await pair.Upstream.ReadToEndAsync();
    }

    /// <summary>Megabytes are not worth a message that lists them.</summary>
    private static void AssertSame(byte[] expected, byte[] actual) =>
        Assert.True(expected.AsSpan().SequenceEqual(actual), "other bytes than were sent");
}
