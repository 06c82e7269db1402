using System.Buffers;
using System.IO.Pipelines;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Tests.Transport;

/// <summary>What a turn of the loop has to send for many connections, in one call and in one call each.</summary>
[Collection(TransportCollection.Name)]
public sealed class SendsOfATurnTests
{
    public static TheoryData<string> Kinds =>
        OperatingSystem.IsLinux() ? [TransportRig.Epoll, TransportRig.EpollWithoutRing] : [];

    [LinuxTheory, MemberData(nameof(Kinds))]
    public async Task MoreConnectionsThanFitOneCall_EachPeerGetsItsBytes(string kind)
    {
        const int count = 600;
        await using var rig = await TransportRig.StartAsync(kind);
        var pairs = new List<(LoopConnection Connection, IPeer Peer)>();
        for (int index = 0; index < count; index++) pairs.Add(await rig.ConnectAsync());
        await rig.OnLoopAsync(
            () =>
            {
                for (int index = 0; index < count; index++)
                {
                    pairs[index].Connection.Transport.Output.Write(TransportRig.Pattern(1 + index * 13));
                    Assert.True(pairs[index].Connection.FlushSoonAsync().IsCompletedSuccessfully);
                }
            });
        for (int index = 0; index < count; index++)
        {
            byte[] received = await TransportRig.ReceiveAsync(pairs[index].Peer, 1 + index * 13);
            Assert.Equal(TransportRig.Pattern(1 + index * 13), received);
            await pairs[index].Peer.DisposeAsync();
        }
    }

    [LinuxTheory, MemberData(nameof(Kinds))]
    public async Task AFullSocketAmongThem_GetsTheRestWhenItHasRoom(string kind)
    {
        const int large = 8_000_000;
        await using var rig = await TransportRig.StartAsync(kind);
        var (before, beforePeer) = await rig.ConnectAsync();
        var (full, fullPeer) = await rig.ConnectAsync(receiveBufferBytes: 4096);
        var (after, afterPeer) = await rig.ConnectAsync();
        await rig.OnLoopAsync(
            () =>
            {
                Queue(before, TransportRig.Pattern(100));
                Queue(full, TransportRig.Pattern(large));
                Queue(after, TransportRig.Pattern(200));
            });
        Assert.Equal(TransportRig.Pattern(100), await TransportRig.ReceiveAsync(beforePeer, 100));
        Assert.Equal(TransportRig.Pattern(200), await TransportRig.ReceiveAsync(afterPeer, 200));
        await rig.OnLoopAsync(() => Assert.False(full.FlushSoonAsync().IsCompleted));
        Assert.Equal(TransportRig.Pattern(large), await TransportRig.ReceiveAsync(fullPeer, large));
        foreach (var peer in new[] { beforePeer, fullPeer, afterPeer }) await peer.DisposeAsync();
    }

    [LinuxTheory, MemberData(nameof(Kinds))]
    public async Task ABrokenConnectionAmongThem_OnlyThatOneEnds(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (broken, brokenPeer) = await rig.ConnectAsync();
        var (whole, wholePeer) = await rig.ConnectAsync();
        await rig.OnLoopAsync(
            () =>
            {
                // On the loop, so that the turn's sends come upon a reset that nobody has reported yet.
                brokenPeer.Reset();
                Queue(broken, TransportRig.Pattern(100));
                Queue(whole, TransportRig.Pattern(200));
            });
        Assert.Equal(TransportRig.Pattern(200), await TransportRig.ReceiveAsync(wholePeer, 200));
        await rig.OnLoopAsync(
            async () =>
            {
                Assert.True((await broken.Transport.Output.WriteAsync(TransportRig.Pattern(100))).IsCompleted);
                Assert.Equal(PeerState.Gone, broken.Peer);
                Assert.False((await whole.Transport.Output.FlushAsync()).IsCompleted);
            });
        await brokenPeer.DisposeAsync();
        await wholePeer.DisposeAsync();
    }

    [LinuxTheory, MemberData(nameof(Kinds))]
    public async Task SmallMessagesTakenNow_KeepTheirOrder(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (first, firstPeer) = await rig.ConnectAsync();
        var (second, secondPeer) = await rig.ConnectAsync();
        byte[] sent = TransportRig.Pattern(30_000);
        for (int turn = 0; turn < 3; turn++)
        {
            await rig.OnLoopAsync(
                () =>
                {
                    for (int start = 0; start < sent.Length; start += 1000)
                    {
                        Assert.Equal(1000, first.SendNow(sent.AsSpan(start, 1000)));
                        Assert.Equal(1000, second.SendNow(sent.AsSpan(start, 1000)));
                    }
                });
            Assert.Equal(sent, await TransportRig.ReceiveAsync(firstPeer, sent.Length));
            Assert.Equal(sent, await TransportRig.ReceiveAsync(secondPeer, sent.Length));
        }
        await firstPeer.DisposeAsync();
        await secondPeer.DisposeAsync();
    }

    [LinuxFact]
    public async Task WhatIsWrittenBehindAQueuedMessage_GoesOutWithIt()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        var (_, otherPeer) = await rig.ConnectAsync();
        await rig.OnLoopAsync(
            async () =>
            {
                Queue(connection, TransportRig.Pattern(100));
                connection.Transport.Output.Write(TransportRig.Pattern(200));
                await connection.Transport.Output.FlushAsync();
                Queue(connection, TransportRig.Pattern(300));
            });
        foreach (int length in new[] { 100, 200, 300 })
            Assert.Equal(TransportRig.Pattern(length), await TransportRig.ReceiveAsync(peer, length));
        await peer.DisposeAsync();
        await otherPeer.DisposeAsync();
    }

    [LinuxFact]
    public unsafe void Ring_AnswersEachInItsPlace()
    {
        using var ring = SubmissionRing.TryCreate(4);
        Assert.True(ring is not null, "io_uring is not available: Linux 5.18 or later, not forbidden, is needed");
        int* ends = stackalloc int[2];
        byte* bytes = stackalloc byte[8];
        int[] answers = new int[ring.Capacity];
        Assert.Equal(0, LibC.Pipe(ends, LibC.CloseOnExec));
        // A pipe is no socket, and -1 is nothing at all: the answers say so, at every place the ring comes round to.
        for (int round = 0; round < 10; round++)
        {
            ring.Send(-1, bytes, 8);
            ring.Send(ends[1], bytes, 8);
            ring.Submit(answers);
            Assert.Equal(-BadDescriptor, answers[0]);
            Assert.Equal(-NotASocket, answers[1]);
            ring.Send(ends[1], bytes, 8);
            ring.Submit(answers);
            Assert.Equal(-NotASocket, answers[0]);
        }
        LibC.Close(ends[0]);
        LibC.Close(ends[1]);
    }

    private const int BadDescriptor = 9;
    private const int NotASocket = 88;

    private static void Queue(LoopConnection connection, byte[] bytes)
    {
        connection.Transport.Output.Write(bytes);
        Assert.True(connection.FlushSoonAsync().IsCompletedSuccessfully);
    }
}
