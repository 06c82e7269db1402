using DataPlane.Gateway.Pipeline;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>Clients that leave while responses are written to them: nobody else may notice.</summary>
public sealed class Http2LeavingTests
{
    private const int Rounds = 150;
    private const int Streams = 8;

    [Theory]
    [SocketWire]
    public async Task ClientsThatLeaveInMidResponse_StopNothing(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var service = new PeerService(
            gateway.Listen(), PeerService.Response(200, new string('b', 30_000)));
        await gateway.StartAsync(TestGateway.ProxyTo(service.Url));
        var random = new Random(7);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LeaveOftenAsync(gateway, random.Next(0, 5))));
        await using var other = await Http2Client.ConnectAsync(gateway);
        // On each loop: one that writes in vain for ever would answer nobody any more.
        for (int each = 0; each < Streams; each++)
        {
            await using var client = await Http2Client.ConnectAsync(gateway);
            Assert.Equal(30_000, (await client.GetAsync("/x").WaitAsync(Eventually.Patience)).Text.Length);
        }
    }

    /// <summary>Kestrel's server may wait for ever for a stream that waits for the window of a gone client.</summary>
    [Fact]
    public async Task ServerThatDoesNotEndAfterItsClient_IsLeftBehind()
    {
        var hasEnded = new TaskCompletionSource();
        await using var gateway = new MemoryGateway
        {
            Listener = new Listener(0, "memory", port: 0) { SpeaksHttp2 = true },
            Http2 = async connection =>
            {
                while (await connection.Transport.Input.ReadAsync() is { IsCompleted: false } read)
                    connection.Transport.Input.AdvanceTo(read.Buffer.End);
                hasEnded.SetResult();
                await new TaskCompletionSource().Task;
            },
        };
        await gateway.StartAsync("routes: [ { id: all, match: { path: / }, to: { mock: { body: mocked } } } ]");
        var client = await Http2Client.ConnectAsync(gateway);
        await Eventually.HoldsAsync(() => gateway.Open == 1, "the connection");
        await client.Peer.ResetAsync();
        await hasEnded.Task.WaitAsync(Eventually.Patience);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(4));
        Assert.Equal(1, gateway.Open);
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(2));
        await Eventually.HoldsAsync(() => gateway.Open == 0, "the end of the connection");
    }

    private static async Task LeaveOftenAsync(TestGateway gateway, int frames)
    {
        for (int round = 0; round < Rounds; round++)
        {
            try
            {
                // Initial window: large enough for all, so that nothing waits for the client.
                await using var client = await Http2Client.ConnectAsync(gateway, (4, 1 << 20));
                for (int each = 0; each < Streams; each++)
                    await client.OpenAsync(Http2Client.Request("GET", "/x"));
                for (int each = 0; each < (frames + round) % 7; each++) await client.ReadFrameAsync();
            }
            catch (Exception ended) when (ended is IOException or System.Net.Sockets.SocketException)
            {
                // As well.
            }
        }
    }
}
