using DataPlane.Gateway.Connections;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// Frames that cost the gateway more than their sender, many times over: each flood ends with a GOAWAY or a close, and
/// the gateway serves on.
/// </summary>
public sealed class Http2FloodTests
{
    private const int EnhanceYourCalm = 0xb;
    private const int Flood = 3000;

    [Theory]
    [SocketWire]
    public async Task RapidResets_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, async () =>
        {
            int stream = await client.OpenAsync(Http2Client.Request("GET", "/mock"));
            await client.SendAsync(Frame.Reset, 0, stream, Frame.Bytes(0x8));
        });
        await AssertCalmedAsync(gateway, client, Http2Glitch.ResetReceived);
    }

    [Theory]
    [SocketWire]
    public async Task ResetsTheGatewayIsMadeToSend_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, async () =>
        {
            // More than was announced: a stream error.
            int stream = await client.OpenAsync(
                Http2Client.Request("POST", "/mock", ("content-length", "1")), ends: false);
            await client.DataAsync(stream, "xx");
            await client.ReadResponseAsync(stream);
        });
        await AssertCalmedAsync(gateway, client, Http2Glitch.ResetSent);
    }

    [Theory]
    [SocketWire]
    public async Task Pings_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, () => client.SendAsync(Frame.Ping, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        await AssertCalmedAsync(gateway, client, Http2Glitch.Ping);
    }

    [Theory]
    [SocketWire]
    public async Task Settings_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, () => client.SendAsync(Frame.Settings, 0, 0));
        await AssertCalmedAsync(gateway, client, Http2Glitch.Settings);
    }

    [Theory]
    [SocketWire]
    public async Task Priorities_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, () => client.SendAsync(Frame.Priority, 0, 1, 0, 0, 0, 3, 16));
        await AssertCalmedAsync(gateway, client, Http2Glitch.Priority);
    }

    [Theory]
    [SocketWire]
    public async Task EmptyData_IsSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        int stream = await client.OpenAsync(Http2Client.Request("POST", "/mock"), ends: false);
        await FloodAsync(client, () => client.SendAsync(Frame.Data, 0, stream));
        await AssertCalmedAsync(gateway, client, Http2Glitch.EmptyFrame);
    }

    [Theory]
    [SocketWire]
    public async Task WindowUpdates_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, () => client.SendAsync(Frame.WindowUpdate, 0, 0, Frame.Bytes(1)));
        await AssertCalmedAsync(gateway, client, Http2Glitch.WindowUpdate);
    }

    [Theory]
    [SocketWire]
    public async Task UnknownFrames_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, () => client.SendAsync(0x77, 0, 0, 1, 2, 3));
        await AssertCalmedAsync(gateway, client, Http2Glitch.Unknown);
    }

    [Theory]
    [SocketWire(0)]
    [SocketWire(1)]
    public async Task Continuations_AreSentAway(Wire wire, int bytes)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await client.SendAsync(Frame.Headers, Frame.EndStream, 1, Hpack.Write(Http2Client.Request("GET", "/mock")));
        // One byte at a time of a literal that never ends.
        await client.SendAsync(Frame.Continuation, 0, 1, 0, 1, (byte)'a', 0x7f, 0xff, 0x7f);
        await FloodAsync(client, () => client.SendAsync(Frame.Continuation, 0, 1, new byte[bytes]));
        await client.ReadToEndAsync();
        await AssertServesAsync(gateway);
        Assert.True(gateway.Connections.Http2.Calmed > 0);
    }

    [Theory]
    [SocketWire]
    public async Task RefusedHeads_AreSentAway(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        await FloodAsync(client, () => client.GetAsync("/mock", ("a", "b\u0001")));
        await AssertCalmedAsync(gateway, client, Http2Glitch.RefusedHead);
    }

    [Theory]
    [SocketWire]
    public async Task HpackBomb_EndsTheConnection(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        // One large field into the dynamic table, and then that field as often as 16 KiB can say it.
        byte[] large = Hpack.Write(("a", new string('b', 3900)));
        large[0] = 0x40;
        byte[] bomb = [.. Hpack.Write(Http2Client.Request("GET", "/mock")), .. large,
            .. Enumerable.Repeat((byte)(0x80 | 62), 12_000)];
        await client.SendAsync(Frame.Headers, Frame.EndHeaders | Frame.EndStream, 1, bomb);
        Assert.NotNull(await client.ReadToEndAsync());
        await AssertServesAsync(gateway);
    }

    /// <summary>
    /// Within the limit nobody has done wrong yet: time ends the connection. Beyond it the server may be stuck with one
    /// of the streams: the connection ends all the same, and what the client sends on does not wait for it.
    /// </summary>
    [Theory]
    [SocketWire(100, 1)]
    [SocketWire(Flood, 4)]
    public async Task StreamsWithoutRoomForAnswers_EndTheConnection(Wire wire, int streams, int rounds)
    {
        await using var gateway = await StartAsync(wire, "limits: { bodyRateGrace: 100ms }");
        for (int round = 0; round < rounds; round++)
        {
            await using var client = await Http2Client.ConnectAsync(gateway);
            await Http2Floods.StallAsync(client, streams);
            await client.ReadToEndAsync();
            await AssertServesAsync(gateway);
        }
        await Eventually.HoldsAsync(() => gateway.Open == 0, "the end of all connections");
    }

    [Theory]
    [SocketWire]
    public async Task ManyGoodRequestsWithAFewResets_AreServed(Wire wire)
    {
        await using var gateway = await StartAsync(wire);
        await using var client = await Http2Client.ConnectAsync(gateway);
        for (int each = 0; each < 600; each++)
        {
            Assert.Equal(200, (await client.GetAsync("/mock")).Status);
            int stream = await client.OpenAsync(Http2Client.Request("POST", "/mock"), ends: false);
            await client.SendAsync(Frame.Reset, 0, stream, Frame.Bytes(0x8));
        }
        Assert.Equal(200, (await client.GetAsync("/mock")).Status);
        Assert.Equal(0, gateway.Connections.Http2.Calmed);
    }

    private static Task<TestGateway> StartAsync(Wire wire, string more = "") => TestGateway.StartAsync(
        wire, $$"""
        {{more}}
        routes: [ { match: { path: /mock }, to: { mock: { body: mocked } } } ]
        """);

    /// <summary>Sends until it has sent them all, or the other side has had enough.</summary>
    private static async Task FloodAsync(Http2Client client, Func<Task> send)
    {
        try
        {
            for (int each = 0; each < Flood; each++) await send();
        }
        catch (Exception ended) when (ended is IOException or System.Net.Sockets.SocketException)
        {
            // Closed under our hands, as it should be.
        }
    }

    private static async Task AssertCalmedAsync(TestGateway gateway, Http2Client client, Http2Glitch glitch)
    {
        // A reset connection loses what was in flight, the GOAWAY too: that it ended is what counts.
        // On a busy machine Kestrel's own bound on what waits to be sent may be faster, with a code of its own.
        int? code = await client.ReadToEndAsync();
        if (gateway.Connections.Http2.Calmed == 1) Assert.True(code is null or EnhanceYourCalm, $"code {code}");
        Assert.True(gateway.Connections.Http2.Of(glitch) > 0);
        await AssertServesAsync(gateway);
    }

    private static async Task AssertServesAsync(TestGateway gateway)
    {
        await using var other = await Http2Client.ConnectAsync(gateway);
        Assert.Equal("mocked", (await other.GetAsync("/mock")).Text);
    }
}
