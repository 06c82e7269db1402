using System.Net.Sockets;

namespace DataPlane.Tests.Transport;

internal sealed class SocketPeer(Socket socket) : IPeer
{
    public Socket Socket => socket;

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer);
        }
        catch (SocketException exception)
        {
            throw new IOException("Reset.", exception);
        }
    }

    public void ShutdownSend() => socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return default;
    }
}
