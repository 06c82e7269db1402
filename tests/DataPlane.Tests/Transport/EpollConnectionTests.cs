using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace DataPlane.Tests.Transport;

/// <summary>What only the epoll transport promises. Passes elsewhere without a test, and says so.</summary>
[Collection(TransportCollection.Name)]
public sealed class EpollConnectionTests
{
    [LinuxFact]
    public async Task CloseWithUnreadInput_PeerGetsTheLastBytes()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        for (int round = 0; round < 20; round++)
        {
            var (connection, peer) = await rig.ConnectAsync();
            // More than the answer waits for, in the socket when it is closed and still coming.
            var upload = peer.SendAsync(new byte[150_000]).AsTask();
            await rig.OnLoopAsync(
                async () =>
                {
                    var result = await connection.Transport.Input.ReadAsync();
                    connection.Transport.Input.AdvanceTo(result.Buffer.GetPosition(10));
                    await connection.Transport.Output.WriteAsync("413 too large"u8.ToArray());
                    connection.InputExpected = true;
                    connection.Close();
                });
            await upload.WaitAsync(TransportRig.Patience);
            Assert.Equal("413 too large"u8.ToArray(), await TransportRig.ReceiveAsync(peer, 100));
            await peer.DisposeAsync();
        }
    }

    [LinuxFact]
    public async Task LingeringClose_EndsThoughThePeerNeverStops()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        await rig.OnLoopAsync(
            () =>
            {
                connection.InputExpected = true;
                connection.Close();
            });
        await Assert.ThrowsAnyAsync<SocketException>(
            async () =>
            {
                using var patience = new CancellationTokenSource(TransportRig.Patience);
                var socket = ((SocketPeer)peer).Socket;
                while (true) await socket.SendAsync(new byte[4096], patience.Token);
            });
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task BytesLookedAtWhileAnotherReads_StayTheSame()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (one, onePeer) = await rig.ConnectAsync();
        var (two, twoPeer) = await rig.ConnectAsync();
        byte[] first = TransportRig.Pattern(1000);
        byte[] second = TransportRig.Pattern(1001);
        await onePeer.SendAsync(first);
        await twoPeer.SendAsync(second);
        await rig.OnLoopAsync(
            async () =>
            {
                // Both results are held at once, though the loop has one receive buffer.
                var held = await one.Transport.Input.ReadAsync();
                var other = await two.Transport.Input.ReadAsync();
                Assert.Equal(first, held.Buffer.ToArray());
                Assert.Equal(second, other.Buffer.ToArray());
                two.Transport.Input.AdvanceTo(other.Buffer.End);
                one.Transport.Input.AdvanceTo(held.Buffer.GetPosition(400));
                Assert.True(one.Transport.Input.TryRead(out held));
                Assert.Equal(first[400..], held.Buffer.ToArray());
                one.Transport.Input.AdvanceTo(held.Buffer.End);
            });
        await onePeer.DisposeAsync();
        await twoPeer.DisposeAsync();
    }

    [LinuxFact]
    public async Task KeptBytesWhenAnotherReads_AreMovedAndContinued()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (one, onePeer) = await rig.ConnectAsync();
        var (two, twoPeer) = await rig.ConnectAsync();
        byte[] sent = TransportRig.Pattern(300_000);
        int given = 0;
        // One never consumes, so its bytes move from the shared buffer to ever larger slabs.
        foreach (int part in new[] { 10, 1000, 5000, 20_000, 100_000, 173_990 })
        {
            await onePeer.SendAsync(sent.AsMemory(given, part));
            given += part;
            int expected = given;
            await rig.OnLoopAsync(
                async () =>
                {
                    ReadResult result;
                    while (true)
                    {
                        result = await one.Transport.Input.ReadAsync();
                        if (result.Buffer.Length == expected) break;
                        one.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    }
                    Assert.True(result.Buffer.IsSingleSegment);
                    Assert.True(result.Buffer.FirstSpan.SequenceEqual(sent.AsSpan(0, expected)));
                    one.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                });
            await twoPeer.SendAsync("noise"u8.ToArray());
            await rig.OnLoopAsync(
                async () =>
                {
                    var result = await two.Transport.Input.ReadAsync();
                    two.Transport.Input.AdvanceTo(result.Buffer.End);
                });
        }
        await onePeer.DisposeAsync();
        await twoPeer.DisposeAsync();
    }

    [LinuxFact]
    public async Task ClosedWhileBytesAreLookedAt_TheyStayUntilAdvanced()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (one, onePeer) = await rig.ConnectAsync();
        var (two, twoPeer) = await rig.ConnectAsync();
        await onePeer.SendAsync("secret of one"u8.ToArray());
        await twoPeer.SendAsync("another's data"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var held = await one.Transport.Input.ReadAsync();
                one.Reset();
                var other = await two.Transport.Input.ReadAsync();
                Assert.Equal("secret of one"u8.ToArray(), held.Buffer.ToArray());
                two.Transport.Input.AdvanceTo(other.Buffer.End);
                one.Transport.Input.AdvanceTo(held.Buffer.End);
                Assert.True((await one.Transport.Input.ReadAsync()).IsCompleted);
            });
        await onePeer.DisposeAsync();
        await twoPeer.DisposeAsync();
    }

    [LinuxFact]
    public async Task ReceiveHint_LeavesTheRestInTheKernel()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        await peer.SendAsync(new byte[50_000]);
        await rig.OnLoopAsync(
            async () =>
            {
                connection.ReceiveHint = 16 * 1024;
                var result = await connection.Transport.Input.ReadAsync();
                Assert.InRange(result.Buffer.Length, 1, 16 * 1024);
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                connection.ReceiveHint = 0;
                long total = result.Buffer.Length;
                while (total < 50_000)
                {
                    result = await connection.Transport.Input.ReadAsync();
                    total += result.Buffer.Length;
                    connection.Transport.Input.AdvanceTo(result.Buffer.End);
                }
            });
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task MoreThanATurnsShareInTheSocket_IsReadWithoutANewEdge()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        await peer.SendAsync(new byte[100_000]);
        // Everything has arrived before the first read, so there is one edge only.
        await rig.OnLoopAsync(static () => { });
        await TransportRig.UntilAsync(() => UnreadOf((SocketPeer)peer) == 0, "the peer's bytes to be acknowledged");
        connection.ReceiveHint = 1000;
        await rig.OnLoopAsync(
            async () =>
            {
                for (long total = 0; total < 100_000;)
                {
                    var result = await connection.Transport.Input.ReadAsync();
                    total += result.Buffer.Length;
                    connection.Transport.Input.AdvanceTo(result.Buffer.End);
                }
            });
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task FlushCancelledDuringADirectWrite_BreaksTheConnection()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync(receiveBufferBytes: 16 * 1024);
        await rig.OnLoopAsync(
            async () =>
            {
                var write = connection.Transport.Output.WriteAsync(new byte[8 * 1024 * 1024]);
                Assert.False(write.IsCompleted);
                connection.Transport.Output.CancelPendingFlush();
                var result = await write;
                Assert.True(result.IsCanceled && result.IsCompleted);
                Assert.Equal(PeerState.Gone, connection.Peer);
                connection.Reset();
            });
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task FlushedWhileAWriteIsPending_IsDoneAtOnceAndNothingIsLost()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync(receiveBufferBytes: 16 * 1024);
        byte[] sent = TransportRig.Pattern(6 * 1024 * 1024);
        ValueTask<FlushResult> write = default;
        await rig.OnLoopAsync(
            () =>
            {
                write = connection.Transport.Output.WriteAsync(sent);
                Assert.False(write.IsCompleted);
                Assert.True(connection.Transport.Output.FlushAsync().IsCompletedSuccessfully);
            });
        Assert.True(connection.Transport.Output.FlushAsync().IsCompletedSuccessfully);
        byte[] received = await TransportRig.ReceiveAsync(peer, sent.Length);
        Assert.False((await write).IsCompleted);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task UsedFromOtherThreads_WorksAsAPipeDoes()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        byte[] sent = TransportRig.Pattern(2 * 1024 * 1024);
        // Echo on the thread pool: every call comes from a thread that is not the loop's.
        var echo = Task.Run(
            async () =>
            {
                while (true)
                {
                    await Task.Yield();
                    var result = await connection.Transport.Input.ReadAsync().ConfigureAwait(false);
                    await Task.Yield();
                    if (result.Buffer.IsEmpty) break;
                    foreach (var part in result.Buffer)
                    {
                        connection.Transport.Output.Write(part.Span[..(part.Length / 2)]);
                        await connection.Transport.Output.WriteAsync(part[(part.Length / 2)..]).ConfigureAwait(false);
                        await Task.Yield();
                    }
                    connection.Transport.Input.AdvanceTo(result.Buffer.End);
                }
                connection.Transport.Output.Complete();
            });
        var send = Task.Run(
            async () =>
            {
                await peer.SendAsync(sent);
                peer.ShutdownSend();
            });
        byte[] received = await TransportRig.ReceiveAsync(peer, sent.Length + 1);
        await Task.WhenAll(echo, send).WaitAsync(TransportRig.Patience);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task FastSender_LeavesTheLoopToOthers()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (fast, fastPeer) = await rig.ConnectAsync();
        bool isOver = false;
        var flood = Task.Run(
            async () =>
            {
                byte[] block = new byte[1024 * 1024];
                while (!Volatile.Read(ref isOver)) await fastPeer.SendAsync(block);
                fastPeer.ShutdownSend();
            });
        var drain = rig.OnLoopAsync(
            async () =>
            {
                while (true)
                {
                    var result = await fast.Transport.Input.ReadAsync();
                    if (result.Buffer.IsEmpty) break;
                    fast.Transport.Input.AdvanceTo(result.Buffer.End);
                }
            });
        for (int round = 0; round < 100; round++) await rig.OnLoopAsync(static () => { });
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(flood, drain).WaitAsync(TransportRig.Patience);
        await fastPeer.DisposeAsync();
    }

    [LinuxFact]
    public async Task Exchanges_AllocateNothing()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        const int warm = 200, measured = 2000;
        byte[] request = new byte[400];
        byte[] reply = new byte[6000];
        long allocated = -1;
        var serve = rig.OnLoopAsync(
            async () =>
            {
                var input = connection.Transport.Input;
                var output = connection.Transport.Output;
                long before = 0;
                for (int number = 0; number < warm + measured; number++)
                {
                    if (number == warm) before = GC.GetAllocatedBytesForCurrentThread();
                    var result = await input.ReadAsync();
                    input.AdvanceTo(result.Buffer.End);
                    output.GetSpan(100)[..100].Clear();
                    output.Advance(100);
                    await output.WriteAsync(reply);
                }
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            });
        byte[] received = new byte[6100];
        var socket = ((SocketPeer)peer).Socket;
        for (int number = 0; number < warm + measured; number++)
        {
            await peer.SendAsync(request);
            for (int filled = 0; filled < received.Length;)
                filled += await socket.ReceiveAsync(received.AsMemory(filled));
        }
        await serve;
        Assert.Equal(0, allocated);
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task Features_AreTheConnectionsOwn()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        var features = connection.Features;
        Assert.Same(connection.Transport, features.Get<IConnectionTransportFeature>()!.Transport);
        Assert.Equal(connection.ConnectionId, features.Get<IConnectionIdFeature>()!.ConnectionId);
        Assert.NotNull(features.Get<IMemoryPoolFeature>()!.MemoryPool);
        var client = ((SocketPeer)peer).Socket;
        Assert.Equal(client.LocalEndPoint, features.Get<IConnectionEndPointFeature>()!.RemoteEndPoint);
        Assert.Equal(client.RemoteEndPoint, connection.LocalEndPoint);
        Assert.Null(features.Get<ITlsHandshakeFeature>());
        features.Set<Marker>(new Marker(1));
        features.Set<OtherMarker>(new OtherMarker(2));
        features.Set<Marker>(new Marker(3));
        Assert.Equal(3, features.Get<Marker>()!.Number);
        Assert.Equal(2, features.Get<OtherMarker>()!.Number);
        features.Set<Marker>(null);
        Assert.Null(features.Get<Marker>());
        Assert.Contains(features, pair => pair.Key == typeof(OtherMarker));
        connection.Items["key"] = "value";
        Assert.Equal("value", features.Get<IConnectionItemsFeature>()!.Items["key"]);
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task PeerEnds_ConnectionClosedIsCancelled()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = connection.ConnectionClosed.Register(closed.SetResult);
        await peer.SendAsync("unread"u8.ToArray());
        peer.ShutdownSend();
        await rig.OnLoopAsync(
            async () =>
            {
                var result = await connection.Transport.Input.ReadAsync();
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                Assert.True((await connection.Transport.Input.ReadAsync()).IsCompleted);
            });
        await closed.Task.WaitAsync(TransportRig.Patience);
        Assert.True(connection.ConnectionClosed.IsCancellationRequested);
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task ShortConnectionsFromManyThreads_NeverMeetAnothersDescriptor()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll, loops: 2);
        bool isOver = false;
        int served = 0;
        var accept = Task.Run(
            async () =>
            {
                while (await rig.Listener.AcceptAsync() is { } connection) _ = EchoAsync(rig.Choice.Adopt(connection));
            });
        var clients = Enumerable.Range(0, 6).Select(
            number => Task.Run(
                () =>
                {
                    var random = new Random(number);
                    byte[] mine = new byte[64];
                    byte[] answer = new byte[64];
                    while (!Volatile.Read(ref isOver))
                    {
                        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                        socket.ReceiveTimeout = 20_000;
                        socket.Connect(rig.EndPoint);
                        random.NextBytes(mine);
                        socket.Send(mine);
                        int end = random.Next(3);
                        if (end == 0)
                        {
                            socket.LingerState = new LingerOption(enable: true, seconds: 0);
                            continue;
                        }
                        for (int filled = 0; filled < answer.Length;)
                            filled += socket.Receive(answer, filled, answer.Length - filled, SocketFlags.None);
                        Assert.Equal(mine, answer);
                        Interlocked.Increment(ref served);
                        if (end == 1) socket.Shutdown(SocketShutdown.Both);
                    }
                })).ToArray();
        await TransportRig.UntilAsync(() => Volatile.Read(ref served) > 3000, "3000 echoes");
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(clients).WaitAsync(TransportRig.Patience);
        await rig.Listener.UnbindAsync();
        await accept.WaitAsync(TransportRig.Patience);
    }

    // SIOCOUTQ: bytes sent and not yet acknowledged.
    private static int UnreadOf(SocketPeer peer)
    {
        byte[] count = new byte[4];
        Assert.Equal(0, ControlSocket((int)peer.Socket.Handle, 0x5411, count));
        return BitConverter.ToInt32(count);
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "ioctl")]
    private static extern int ControlSocket(int fd, nint request, byte[] result);

    private static async Task EchoAsync(LoopConnection connection)
    {
        await connection.Loop.SwitchTo();
        var watcher = new ResettingWatcher();
        connection.Watcher = watcher;
        while (true)
        {
            var result = await connection.Transport.Input.ReadAsync();
            foreach (var part in result.Buffer) connection.Transport.Output.Write(part.Span);
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            var flush = await connection.Transport.Output.FlushAsync();
            if (result.IsCompleted || flush.IsCompleted) break;
        }
        await connection.DisposeAsync();
    }

    private sealed record Marker(int Number);

    private sealed record OtherMarker(int Number);

    private sealed class ResettingWatcher : IPeerWatcher
    {
        public void OnPeerChanged(LoopConnection connection)
        {
            if (connection.Peer == PeerState.Gone) connection.Reset();
        }
    }
}
