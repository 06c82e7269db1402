using System.Net;
using System.Net.Sockets;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>A peer over a socket of the runtime.</summary>
internal sealed class SocketPeer(Socket socket) : RawPeer
{
    public EndPoint LocalEndPoint => socket.LocalEndPoint!;

    public override Task HalfCloseAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        return Task.CompletedTask;
    }

    public override Task ResetAsync()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        socket.Dispose();
        return default;
    }

    protected override async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    protected override async Task<int> ReceiveAsync(Memory<byte> destination)
    {
        try
        {
            return await socket.ReceiveAsync(destination);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset)
        {
            WasReset = true;
            return 0;
        }
    }
}
