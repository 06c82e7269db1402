using System.Buffers;
using System.IO.Pipelines;
using DataPlane.Gateway.Transport;

namespace DataPlane.Tests.Transport;

/// <summary>The contract of a loop's connection, the same over every transport.</summary>
[Collection(TransportCollection.Name)]
public sealed class LoopConnectionTests
{
    public static TheoryData<string> Kinds => TransportRig.KindsWithTls;

    public static TheoryData<string> KindsWithTokens => TransportRig.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task BytesOneByOne_AreAllRead(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        byte[] sent = TransportRig.Pattern(100);
        var read = rig.OnLoopAsync(
            async () =>
            {
                var input = connection.Transport.Input;
                while (true)
                {
                    var result = await input.ReadAsync();
                    Assert.True(connection.Loop.IsCurrent);
                    if (result.Buffer.Length < sent.Length)
                    {
                        Assert.False(result.IsCompleted);
                        input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                        continue;
                    }
                    Assert.Equal(sent, result.Buffer.ToArray());
                    input.AdvanceTo(result.Buffer.End);
                    return;
                }
            });
        for (int index = 0; index < sent.Length; index++) await peer.SendAsync(sent.AsMemory(index, 1));
        await read;
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task PartlyConsumed_RestComesAgainWithWhatFollows(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        await peer.SendAsync("abcdef"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var input = connection.Transport.Input;
                var result = await ReadAtLeastAsync(input, 6);
                input.AdvanceTo(result.Buffer.GetPosition(2));
                // Not examined: the rest is there without waiting.
                var again = input.ReadAsync();
                Assert.True(again.IsCompleted);
                result = await again;
                Assert.Equal("cdef"u8.ToArray(), result.Buffer.ToArray());
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            });
        ValueTask<ReadResult> waiting = default;
        await rig.OnLoopAsync(
            () =>
            {
                waiting = connection.Transport.Input.ReadAsync();
                // Everything was examined: only new bytes end the read.
                Assert.False(waiting.IsCompleted);
            });
        await peer.SendAsync("g"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var result = await waiting;
                Assert.Equal("cdefg"u8.ToArray(), result.Buffer.ToArray());
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                Assert.False(connection.Transport.Input.TryRead(out _));
            });
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task SlowReader_MakesTheWriterWaitAndGetsEverything(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync(receiveBufferBytes: 32 * 1024);
        byte[] sent = TransportRig.Pattern(8 * 1024 * 1024);
        int waits = 0;
        var write = rig.OnLoopAsync(
            async () =>
            {
                var output = connection.Transport.Output;
                for (int offset = 0; offset < sent.Length; offset += 65536)
                {
                    sent.AsSpan(offset, 65536).CopyTo(output.GetSpan(65536));
                    output.Advance(65536);
                    Assert.Equal(65536, output.UnflushedBytes);
                    var flush = output.FlushAsync();
                    if (!flush.IsCompleted) waits++;
                    var result = await flush;
                    Assert.True(connection.Loop.IsCurrent);
                    Assert.False(result.IsCompleted || result.IsCanceled);
                }
            });
        byte[] received = await TransportRig.ReceiveAsync(peer, sent.Length);
        await write;
        Assert.True(waits > 0);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task WriteLargerThanTheSocket_ArrivesBehindWhatWasBuffered(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync(receiveBufferBytes: 32 * 1024);
        byte[] body = TransportRig.Pattern(8 * 1024 * 1024);
        var write = rig.OnLoopAsync(
            async () =>
            {
                var output = connection.Transport.Output;
                "head"u8.CopyTo(output.GetSpan(4));
                output.Advance(4);
                await output.WriteAsync(body);
                // The caller's memory is his again.
                body.AsSpan().Clear();
                await output.WriteAsync("tail"u8.ToArray());
            });
        byte[] received = await TransportRig.ReceiveAsync(peer, body.Length + 8);
        await write;
        Assert.Equal("head"u8.ToArray(), received[..4]);
        Assert.True(TransportRig.Pattern(body.Length).AsSpan().SequenceEqual(received.AsSpan(4, body.Length)));
        Assert.Equal("tail"u8.ToArray(), received[^4..]);
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task PeerHalfCloses_BytesBeforeItAreReadAndAnswersStillGo(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        var watcher = new RecordingWatcher();
        await rig.OnLoopAsync(() => connection.Watcher = watcher);
        await peer.SendAsync("last"u8.ToArray());
        peer.ShutdownSend();
        // Nobody reads, and yet it is known.
        if (kind != TransportRig.Sockets) Assert.Equal(PeerState.HalfClosed, await watcher.NextAsync());
        await rig.OnLoopAsync(
            async () =>
            {
                var input = connection.Transport.Input;
                var result = await ReadAtLeastAsync(input, 4);
                Assert.Equal("last"u8.ToArray(), result.Buffer.ToArray());
                input.AdvanceTo(result.Buffer.End);
                result = await input.ReadAsync();
                Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
                input.AdvanceTo(result.Buffer.End);
                Assert.Equal(PeerState.HalfClosed, connection.Peer);
                var flush = await connection.Transport.Output.WriteAsync("answer"u8.ToArray());
                Assert.False(flush.IsCompleted);
            });
        Assert.Equal("answer"u8.ToArray(), await TransportRig.ReceiveAsync(peer, 6));
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task OutputCompleted_PeerSeesTheEndAndMaySendOn(string kind)
    {
        // Kestrel's transport closes both directions when its output completes.
        if (kind == TransportRig.Sockets) return;
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        await rig.OnLoopAsync(
            () =>
            {
                "bye"u8.CopyTo(connection.Transport.Output.GetSpan(3));
                connection.Transport.Output.Advance(3);
                connection.Transport.Output.Complete();
            });
        Assert.Equal("bye"u8.ToArray(), await TransportRig.ReceiveAsync(peer, 100));
        await peer.SendAsync("more"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var result = await ReadAtLeastAsync(connection.Transport.Input, 4);
                Assert.Equal("more"u8.ToArray(), result.Buffer.ToArray());
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
            });
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task PeerResets_WatcherIsToldAndNothingThrows(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        var watcher = new RecordingWatcher();
        await rig.OnLoopAsync(() => connection.Watcher = watcher);
        peer.Reset();
        var seen = await watcher.NextAsync();
        Assert.Equal(PeerState.Gone, seen);
        await rig.OnLoopAsync(
            async () =>
            {
                var result = await connection.Transport.Input.ReadAsync();
                Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                var flush = await connection.Transport.Output.WriteAsync(new byte[100_000]);
                Assert.True(flush.IsCompleted);
            });
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task ResetDuringRead_EndsItAsCompleted(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        await rig.OnLoopAsync(
            async () =>
            {
                var read = connection.Transport.Input.ReadAsync();
                bool isInside = true;
                var waiter = Wait(read);
                connection.Reset();
                isInside = false;
                await waiter;

                async Task Wait(ValueTask<ReadResult> pending)
                {
                    var result = await pending;
                    // Not run by Reset itself: its caller would be in the middle of something.
                    Assert.False(isInside);
                    Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
                }
            });
        await Assert.ThrowsAnyAsync<Exception>(
            async () =>
            {
                if (await peer.ReceiveAsync(new byte[1]).AsTask().WaitAsync(TransportRig.Patience) == 0)
                    throw new IOException("End instead of reset, in memory.");
            });
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task CloseDuringFlush_DeliversTheRest(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync(receiveBufferBytes: 16 * 1024);
        byte[] sent = TransportRig.Pattern(4 * 1024 * 1024);
        await rig.OnLoopAsync(
            () =>
            {
                var output = connection.Transport.Output;
                sent.CopyTo(output.GetMemory(sent.Length));
                output.Advance(sent.Length);
                Assert.False(output.FlushAsync().IsCompleted);
                connection.Close();
                connection.Close();
            });
        byte[] received = await TransportRig.ReceiveAsync(peer, sent.Length + 1);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task CancelPendingRead_EndsTheReadAndTheNextOneWorks(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        await rig.OnLoopAsync(
            async () =>
            {
                var input = connection.Transport.Input;
                var read = input.ReadAsync();
                input.CancelPendingRead();
                var result = await read;
                Assert.True(result.IsCanceled);
                input.AdvanceTo(result.Buffer.Start);
                // Without a waiting read it ends the next one.
                input.CancelPendingRead();
                result = await input.ReadAsync();
                Assert.True(result.IsCanceled);
                input.AdvanceTo(result.Buffer.Start);
            });
        await peer.SendAsync("x"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var result = await connection.Transport.Input.ReadAsync();
                Assert.False(result.IsCanceled);
                Assert.Equal("x"u8.ToArray(), result.Buffer.ToArray());
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
            });
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(KindsWithTokens))]
    public async Task TokenFires_ReadThrowsAndTheNextOneWorks(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync();
        using var source = new CancellationTokenSource();
        var thrown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = rig.OnLoopAsync(
            async () =>
            {
                var input = connection.Transport.Input;
                await Assert.ThrowsAnyAsync<OperationCanceledException>(
                    async () => await input.ReadAsync(source.Token));
                thrown.SetResult();
                var result = await input.ReadAsync();
                Assert.Equal("y"u8.ToArray(), result.Buffer.ToArray());
                input.AdvanceTo(result.Buffer.End);
            });
        await rig.OnLoopAsync(static () => { });
        await source.CancelAsync();
        await thrown.Task.WaitAsync(TransportRig.Patience);
        await peer.SendAsync("y"u8.ToArray());
        await read;
        await peer.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task CancelPendingFlush_EndsTheFlushAndKeepsTheBytes(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        var (connection, peer) = await rig.ConnectAsync(receiveBufferBytes: 16 * 1024);
        byte[] sent = TransportRig.Pattern(6 * 1024 * 1024);
        await rig.OnLoopAsync(
            async () =>
            {
                var output = connection.Transport.Output;
                sent.CopyTo(output.GetMemory(sent.Length));
                output.Advance(sent.Length);
                var flush = output.FlushAsync();
                Assert.False(flush.IsCompleted);
                output.CancelPendingFlush();
                Assert.True((await flush).IsCanceled);
            });
        var rest = rig.OnLoopAsync(async () => await connection.Transport.Output.FlushAsync());
        byte[] received = await TransportRig.ReceiveAsync(peer, sent.Length);
        await rest;
        Assert.True(sent.AsSpan().SequenceEqual(received));
        await peer.DisposeAsync();
    }

    private static async ValueTask<ReadResult> ReadAtLeastAsync(PipeReader input, int count)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            if (result.Buffer.Length >= count || result.IsCompleted) return result;
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
