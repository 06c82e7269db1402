using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tunnels;

/// <summary>What does not become a tunnel, and that the connections stay what they were.</summary>
public sealed class UpgradeRefusalTests
{
    private const string Next = "GET /mock HTTP/1.1\r\nHost: a\r\n\r\n";

    public static TheoryData<string, int> Malformed => new()
    {
        { TunnelPair.Request().Replace($"Sec-WebSocket-Key: {TunnelPair.Key}\r\n", "", StringComparison.Ordinal), 400 },
        { TunnelPair.Request().Replace(TunnelPair.Key, "c2hvcnQ=", StringComparison.Ordinal), 400 },
        { TunnelPair.Request().Replace(TunnelPair.Key, "dGhlIHNhbXBsZSBub25jZ!==", StringComparison.Ordinal), 400 },
        { TunnelPair.Request($"Sec-WebSocket-Key: {TunnelPair.Key}\r\n"), 400 },
        { TunnelPair.Request().Replace("Version: 13", "Version: 12", StringComparison.Ordinal), 426 },
        { TunnelPair.Request().Replace("Version: 13", "Version: 777", StringComparison.Ordinal), 426 },
        { TunnelPair.Request().Replace("Sec-WebSocket-Version: 13\r\n", "", StringComparison.Ordinal), 426 },
        { TunnelPair.Request("Sec-WebSocket-Version: 8\r\n"), 426 },
        { TunnelPair.Request().Replace("GET ", "POST ", StringComparison.Ordinal), 400 },
        { TunnelPair.Request("Content-Length: 5\r\n") + "hello", 400 },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task MalformedHandshake_IsAnsweredHere(string request, int status)
    {
        await using var gateway = await TestGateway.ProxyAsync(Wire.Memory, "http://127.0.0.1:1");
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(request + Next);
        var answer = await client.ReadResponseAsync();
        Assert.Equal(status, answer.Status);
        if (status == 426) Assert.Equal("13", answer.Field("Sec-WebSocket-Version"));
        // The connection is still HTTP: what follows is the next request.
        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("HTTP/1.0", "")]
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked\r\n")]
    public async Task HandshakeOfAnotherTime_IsRefusedForGood(string version, string more)
    {
        await using var gateway = await TestGateway.ProxyAsync(Wire.Memory, "http://127.0.0.1:1");
        var answer = await gateway.AskAsync(
            TunnelPair.Request(more).Replace("HTTP/1.1", version, StringComparison.Ordinal));
        Assert.Equal(400, answer.Status);
        Assert.True(answer.Closes);
    }

    [Theory]
    [EveryWire("h2c")]
    [EveryWire("foo/2")]
    [EveryWire("websocket2")]
    public async Task ProtocolThatIsNotAllowed_IsNotAskedFor(Wire wire, string protocol)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        var client = await gateway.ConnectAsync();
        await client.SendAsync(
            $"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\n" +
            "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        var head = new RawResponse(await upstream.ReadHeadAsync(), []);
        Assert.Null(head.Field("Upgrade"));
        Assert.Null(head.Field("Connection"));
        Assert.Null(head.Field("HTTP2-Settings"));
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task RouteWithoutUpgrades_PassesNoneOn(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync($$"""
            upstreams: { up: { endpoints: [ "{{listener.Url}}" ] } }
            routes: [ { match: { path: "/{path+}" }, upgrades: [], to: { upstream: up } } ]
            """);
        var client = await gateway.ConnectAsync();
        await client.SendAsync(TunnelPair.Request());
        await using var upstream = await listener.AcceptAsync();
        Assert.Null(new RawResponse(await upstream.ReadHeadAsync(), []).Field("Upgrade"));
        await upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200)]
    [EveryWire("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", 426)]
    [EveryWire("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 403)]
    public async Task OtherAnswerThan101_IsAnOrdinaryOne(Wire wire, string answer, int status)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        // What the client sends too early is its next request, never the upstream's.
        await using var pair = await TunnelPair.AskAsync(gateway, listener, TunnelPair.Request() + Next);
        await pair.Upstream.SendAsync(answer);
        Assert.Equal(status, (await pair.Client.ReadResponseAsync()).Status);
        Assert.Equal("mocked", (await pair.Client.ReadResponseAsync()).Text);
        // The upstream's connection is one as before as well.
        await pair.Client.SendAsync("GET /again HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("GET /again ", await pair.Upstream.ReadHeadAsync(), StringComparison.Ordinal);
        await pair.Upstream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("ok", (await pair.Client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task PrematureBytes_GoToTheUpstreamOnlyBehindThe101(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        var client = await gateway.ConnectAsync();
        await client.SendAsync(TunnelPair.Request() + "GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n");
        await using var upstream = await listener.AcceptAsync();
        await upstream.ReadHeadAsync();
        await upstream.SendAsync("HTTP/1.1 103 Early Hints\r\n\r\n");
        var early = upstream.ReadExactlyAsync(1);
        await client.SendAsync("GET /more HTTP/1.1\r\nHost: b\r\n\r\n");
        Assert.Equal("mocked", (await gateway.AskAsync(Next)).Text);
        Assert.False(early.IsCompleted);
        await upstream.SendAsync(TunnelPair.Switching);
        await client.ReadHeadAsync();
        Assert.Equal("G"u8.ToArray(), await early);
    }

    public static TheoryData<string, string> WrongAnswers => new()
    {
        { "", TunnelPair.Switching.Replace(TunnelPair.Accept, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=") },
        { "", TunnelPair.Switching.Replace($"Sec-WebSocket-Accept: {TunnelPair.Accept}\r\n", "") },
        { "", TunnelPair.Switching[..^2] + $"Sec-WebSocket-Accept: {TunnelPair.Accept}\r\n\r\n" },
        { "", TunnelPair.Switching.Replace("Upgrade: websocket", "Upgrade: other") },
        { "", TunnelPair.Switching.Replace("Upgrade: websocket\r\n", "") },
        { "", TunnelPair.Switching.Replace("Connection: Upgrade\r\n", "") },
        { "", TunnelPair.Switching[..^2] + "Sec-WebSocket-Protocol: chat\r\n\r\n" },
        { "Sec-WebSocket-Protocol: a, b\r\n", TunnelPair.Switching[..^2] + "Sec-WebSocket-Protocol: c\r\n\r\n" },
        { "Sec-WebSocket-Protocol: a, b\r\n", TunnelPair.Switching[..^2] + "Sec-WebSocket-Protocol: a, b\r\n\r\n" },
        { "", TunnelPair.Switching[..^2] + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" },
        { "Sec-WebSocket-Extensions: x-a; b=1, x-c\r\n",
            TunnelPair.Switching[..^2] + "Sec-WebSocket-Extensions: x-b\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task WrongAnswer_Is502(string offered, string answer)
    {
        await using var gateway = TestGateway.Create(Wire.Memory);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.AskAsync(gateway, listener, TunnelPair.Request(offered));
        await pair.Upstream.SendAsync(answer);
        Assert.Equal(502, (await pair.Client.ReadResponseAsync()).Status);
        Assert.Equal("", await pair.Upstream.ReadToEndAsync());
        await pair.Client.SendAsync(Next);
        Assert.Equal("mocked", (await pair.Client.ReadResponseAsync()).Text);
    }

    [Theory]
    [EveryWire]
    public async Task UnaskedFor101_Is502(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        var listener = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(listener.Url));
        await using var pair = await TunnelPair.AskAsync(gateway, listener, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        await pair.Upstream.SendAsync(TunnelPair.Switching);
        Assert.Equal(502, (await pair.Client.ReadResponseAsync()).Status);
    }
}
