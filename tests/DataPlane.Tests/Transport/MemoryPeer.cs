using System.Buffers;
using DataPlane.Gateway.Transport.InMemory;

namespace DataPlane.Tests.Transport;

internal sealed class MemoryPeer(InMemoryConnection connection) : IPeer
{
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        // In pieces: a socket would take a part of it, too.
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, 16384)..])
        {
            var piece = bytes[..Math.Min(bytes.Length, 16384)];
            await TransportRig.OnLoopAsync(connection.Loop, async () => await connection.Output.WriteAsync(piece));
        }
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        int received = 0;
        await TransportRig.OnLoopAsync(
            connection.Loop,
            async () =>
            {
                var result = await connection.Input.ReadAsync();
                var part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length));
                part.CopyTo(buffer.Span);
                received = (int)part.Length;
                connection.Input.AdvanceTo(part.End);
            });
        return received;
    }

    public void ShutdownSend() => connection.Loop.Post(_ => connection.Output.Complete(), state: null);

    public void Reset() => connection.Reset();

    public ValueTask DisposeAsync()
    {
        connection.Close();
        return default;
    }
}
