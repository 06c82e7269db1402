using System.Buffers;
using DataPlane.Gateway.Transport;

namespace DataPlane.Tests.Transport;

[Collection(TransportCollection.Name)]
public sealed class SpliceTests
{
    private const int Large = 10 * 1024 * 1024;

    [LinuxFact]
    public async Task SlowReader_GetsEverything()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (source, from) = await rig.ConnectAsync();
        var (destination, to) = await rig.ConnectAsync(receiveBufferBytes: 16 * 1024);
        byte[] sent = TransportRig.Pattern(Large);
        var send = Task.Run(() => from.SendAsync(sent).AsTask());
        long moved = 0;
        var splice = rig.OnLoopAsync(
            async () =>
            {
                Assert.True(source.CanSplice(destination));
                moved = await source.SpliceToAsync(destination, Large);
                Assert.True(source.Loop.IsCurrent);
            });
        byte[] received = new byte[Large];
        for (int filled = 0; filled < Large;)
        {
            // Small pieces and a pause every now and then: the socket is full most of the time.
            filled += await to.ReceiveAsync(received.AsMemory(filled, Math.Min(4096, Large - filled)));
            if (filled % 65536 == 0) await Task.Yield();
        }
        await Task.WhenAll(send, splice);
        Assert.Equal(Large, moved);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        await from.DisposeAsync();
        await to.DisposeAsync();
    }

    [LinuxFact]
    public async Task SlowWriter_BytesBehindTheCountStay()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (source, from) = await rig.ConnectAsync();
        var (destination, to) = await rig.ConnectAsync();
        byte[] sent = TransportRig.Pattern(1_000_000);
        long moved = 0;
        var splice = rig.OnLoopAsync(
            async () =>
            {
                moved = await source.SpliceToAsync(destination, 999_000);
                // The rest is the next message's, and the pipes are usable again.
                var result = await source.Transport.Input.ReadAsync();
                while (result.Buffer.Length < 1000)
                {
                    source.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    result = await source.Transport.Input.ReadAsync();
                }
                Assert.True(result.Buffer.FirstSpan.SequenceEqual(sent.AsSpan(999_000)));
                source.Transport.Input.AdvanceTo(result.Buffer.End);
                await destination.Transport.Output.WriteAsync("after"u8.ToArray());
            });
        for (int offset = 0; offset < sent.Length; offset += 10_000)
        {
            await from.SendAsync(sent.AsMemory(offset, 10_000));
            await rig.OnLoopAsync(static () => { });
        }
        byte[] received = await TransportRig.ReceiveAsync(to, 999_005);
        await splice;
        Assert.Equal(999_000, moved);
        Assert.True(sent.AsSpan(0, 999_000).SequenceEqual(received.AsSpan(0, 999_000)));
        Assert.Equal("after"u8.ToArray(), received[^5..]);
        await from.DisposeAsync();
        await to.DisposeAsync();
    }

    [LinuxFact]
    public async Task SourceEnds_ReturnsWhatCame()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (source, from) = await rig.ConnectAsync();
        var (destination, to) = await rig.ConnectAsync();
        var send = Task.Run(
            async () =>
            {
                await from.SendAsync(new byte[70_000]);
                from.ShutdownSend();
            });
        await rig.OnLoopAsync(
            async () =>
            {
                Assert.Equal(70_000, await source.SpliceToAsync(destination, Large));
                Assert.True((await source.Transport.Input.ReadAsync()).IsCompleted);
                destination.Transport.Output.Complete();
            });
        Assert.Equal(70_000, (await TransportRig.ReceiveAsync(to, Large)).Length);
        await send;
        await from.DisposeAsync();
        await to.DisposeAsync();
    }

    [LinuxFact]
    public async Task DestinationResets_EndsShort()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (source, from) = await rig.ConnectAsync();
        var (destination, to) = await rig.ConnectAsync();
        var send = Task.Run(
            async () =>
            {
                try
                {
                    while (true) await from.SendAsync(new byte[65536]);
                }
                catch (System.Net.Sockets.SocketException)
                {
                }
            });
        var splice = rig.OnLoopAsync(
            async () =>
            {
                Assert.InRange(await source.SpliceToAsync(destination, long.MaxValue), 1, long.MaxValue - 1);
                Assert.Equal(PeerState.Gone, destination.Peer);
                source.Reset();
            });
        await TransportRig.ReceiveAsync(to, 100_000);
        to.Reset();
        await splice;
        await send.WaitAsync(TransportRig.Patience);
        await from.DisposeAsync();
    }

    [LinuxFact]
    public async Task Cancelled_EndsShortAndTheLoopGoesOn()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        for (int round = 0; round < 40; round++)
        {
            var (source, from) = await rig.ConnectAsync();
            var (destination, to) = await rig.ConnectAsync(receiveBufferBytes: 8 * 1024);
            // Even rounds are cut while bytes are stuck in the pipe, odd ones while the source is silent.
            bool isStuck = round % 2 == 0;
            if (isStuck) ((SocketPeer)from).Socket.Blocking = false;
            if (isStuck) _ = ((SocketPeer)from).Socket.Send(new byte[4 * 1024 * 1024]);
            ValueTask<long> splice = default;
            await rig.OnLoopAsync(() => splice = source.SpliceToAsync(destination, Large));
            await rig.OnLoopAsync(
                async () =>
                {
                    if (round % 4 < 2) source.Transport.Input.CancelPendingRead();
                    else destination.Transport.Output.CancelPendingFlush();
                    Assert.InRange(await splice, 0, Large - 1);
                    source.Reset();
                    destination.Reset();
                });
            await from.DisposeAsync();
            await to.DisposeAsync();
        }
    }

    [LinuxFact]
    public async Task ManyTransfers_AllocateNothingAndReusePipes()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (source, from) = await rig.ConnectAsync();
        var (destination, to) = await rig.ConnectAsync();
        const int rounds = 200, warm = 50;
        long allocated = -1;
        long moved = 0;
        var splice = rig.OnLoopAsync(
            async () =>
            {
                long before = 0;
                for (int round = 0; round < rounds; round++)
                {
                    if (round == warm) before = GC.GetAllocatedBytesForCurrentThread();
                    moved += await source.SpliceToAsync(destination, 20_000);
                }
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            });
        byte[] block = new byte[20_000];
        for (int round = 0; round < rounds; round++)
        {
            await from.SendAsync(block);
            Assert.Equal(block.Length, (await TransportRig.ReceiveAsync(to, block.Length)).Length);
        }
        await splice;
        Assert.Equal(rounds * 20_000L, moved);
        Assert.Equal(0, allocated);
        await from.DisposeAsync();
        await to.DisposeAsync();
    }
}
