using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DataPlane.Gateway.Transport;

namespace DataPlane.Tests.Transport;

/// <summary>Input that is taken where it was received, and output that goes without being buffered.</summary>
[Collection(TransportCollection.Name)]
public sealed class InputTakerTests
{
    [LinuxFact]
    public async Task TakesWhatItCan_TheReadGetsTheOthersAndTheEnd()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        var input = connection.Transport.Input;
        var taker = new Taker { Most = 5 };
        ValueTask<ReadResult> read = default;
        await rig.OnLoopAsync(
            () =>
            {
                connection.OfferInputTo(taker);
                read = input.ReadAsync();
            });
        await peer.SendAsync("one"u8.ToArray());
        await TransportRig.UntilAsync(() => Volatile.Read(ref taker.Bytes) == 3, "the first message to be taken");
        Assert.False(read.IsCompleted);
        await peer.SendAsync("two three"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var rest = await read;
                Assert.Equal("o three"u8.ToArray(), rest.Buffer.ToArray());
                // What was taken in front is not looked at again, and what is kept goes to the read.
                input.AdvanceTo(rest.Buffer.GetPosition(1), rest.Buffer.End);
                taker.Most = 0;
                read = input.ReadAsync();
            });
        await peer.SendAsync("!"u8.ToArray());
        await rig.OnLoopAsync(
            async () =>
            {
                var rest = await read;
                Assert.Equal(" three!"u8.ToArray(), rest.Buffer.ToArray());
                input.AdvanceTo(rest.Buffer.End);
                read = input.ReadAsync();
            });
        peer.ShutdownSend();
        await rig.OnLoopAsync(
            async () =>
            {
                var end = await read;
                Assert.True(end is { IsCompleted: true, Buffer.IsEmpty: true });
                input.AdvanceTo(end.Buffer.End);
            });
        Assert.False(taker.HasSeenNothing);
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task EndsTheWaitItself_TheReadEndsOnceWithTheRest()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync();
        var input = connection.Transport.Input;
        var taker = new Taker { Most = 4, Then = input.CancelPendingRead };
        await rig.OnLoopAsync(() => connection.OfferInputTo(taker));
        foreach (string rest in new[] { "", "ef" })
        {
            ValueTask<ReadResult> read = default;
            taker.Bytes = 0;
            taker.Most = 4;
            await rig.OnLoopAsync(() => read = input.ReadAsync());
            await peer.SendAsync(Encoding.ASCII.GetBytes("abcd" + rest));
            await rig.OnLoopAsync(
                async () =>
                {
                    var result = await read;
                    Assert.True(result.IsCanceled);
                    Assert.Equal(rest, Encoding.ASCII.GetString(result.Buffer.ToArray()));
                    input.AdvanceTo(result.Buffer.End);
                });
        }
        await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task SendNow_NeverOvertakesAndStopsWhenFull()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var (connection, peer) = await rig.ConnectAsync(receiveBufferBytes: 16 * 1024);
        byte[] bytes = TransportRig.Pattern(64 * 1024);
        byte[] large = TransportRig.Pattern(16 * 1024 * 1024);
        int atOnce = 0;
        ValueTask<FlushResult> flush = default;
        await rig.OnLoopAsync(
            async () =>
            {
                var output = connection.Transport.Output;
                output.Write("first"u8);
                Assert.Equal(0, connection.SendNow(bytes));
                await output.FlushAsync();
                for (int sent = -1; sent != 0; atOnce += sent) sent = connection.SendNow(large.AsSpan(atOnce));
                Assert.InRange(atOnce, 1, large.Length - 1);
                flush = output.WriteAsync(large.AsMemory(atOnce));
                Assert.False(flush.IsCompleted);
                Assert.Equal(0, connection.SendNow(bytes));
            });
        byte[] received = await TransportRig.ReceiveAsync(peer, 5 + large.Length);
        Assert.True(received.AsSpan(5).SequenceEqual(large));
        await rig.OnLoopAsync(async () => Assert.False((await flush).IsCompleted));
        peer.Reset();
        await rig.OnLoopAsync(
            async () =>
            {
                Assert.True((await connection.Transport.Input.ReadAsync()).IsCompleted);
                Assert.Equal(0, connection.SendNow(bytes));
            });
        await peer.DisposeAsync();
    }

    private sealed class Taker : IInputTaker
    {
        public int Bytes;

        /// <summary>Bytes it takes in all.</summary>
        public int Most { get; set; }

        public Action? Then { get; init; }

        public bool HasSeenNothing { get; private set; }

        public int Take(LoopConnection connection, ReadOnlySpan<byte> bytes)
        {
            HasSeenNothing |= bytes.IsEmpty;
            Assert.True(connection.Loop.IsCurrent);
            int taken = Math.Min(bytes.Length, Most);
            Most -= taken;
            Volatile.Write(ref Bytes, Bytes + taken);
            Then?.Invoke();
            return taken;
        }
    }
}
