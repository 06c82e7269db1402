using System.Buffers;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.InMemory;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>
/// A peer over pipes inside the process. The connection is used on its loop, the test stays outside;
/// <paramref name="otherLoop"/> is the gateway's.
/// </summary>
internal sealed class MemoryPeer(InMemoryConnection connection, EventLoop otherLoop) : RawPeer
{
    public override Task HalfCloseAsync() => OnLoopAsync(() =>
    {
        connection.Transport.Output.Complete();
        return default;
    });

    public override Task ResetAsync() => OnLoopAsync(() =>
    {
        connection.Reset();
        return default;
    });

    public override ValueTask DisposeAsync()
    {
        connection.Close();
        return default;
    }

    protected override Task WriteAsync(ReadOnlyMemory<byte> bytes) => OnLoopAsync(async () =>
    {
        var result = await connection.Transport.Output.WriteAsync(bytes);
        if (result.IsCompleted) throw new IOException("The other side is gone.");
        return 0;
    });

    protected override async Task<int> ReceiveAsync(Memory<byte> destination)
    {
        int received = await OnLoopAsync(async () =>
        {
            var result = await connection.Transport.Input.ReadAsync();
            int length = (int)Math.Min(result.Buffer.Length, destination.Length);
            var taken = result.Buffer.Slice(0, length);
            taken.CopyTo(destination.Span);
            connection.Transport.Input.AdvanceTo(taken.End);
            return length;
        });
        if (received > 0) return received;
        // A reset is told behind the end of the bytes: once the other side has ended its turn it is known.
        await OnLoopAsync(() => default, otherLoop);
        WasReset = await OnLoopAsync(() => new(connection.Peer == PeerState.Gone ? 1 : 0)) != 0;
        return received;
    }

    private Task<int> OnLoopAsync(Func<ValueTask<int>> work) => OnLoopAsync(work, connection.Loop);

    private static Task<int> OnLoopAsync(Func<ValueTask<int>> work, EventLoop loop)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => RunAsync(work, done).AsTask(), state: null);
        return done.Task;
    }

    private static async ValueTask RunAsync(Func<ValueTask<int>> work, TaskCompletionSource<int> done)
    {
        try
        {
            done.SetResult(await work());
        }
        catch (Exception exception)
        {
            done.SetException(exception);
        }
    }
}
