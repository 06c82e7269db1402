using System.Net;
using System.Net.Sockets;

namespace DataPlane.Tests.Functional.Harness;

internal sealed class SocketListener : PeerListener
{
    private readonly Socket _socket;
    private int _accepted;

    private SocketListener(Socket socket, string url)
    {
        _socket = socket;
        Url = url;
    }

    public override string Url { get; }

    public override int Accepted => _accepted;

    public static SocketListener OnLoopback()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return new SocketListener(socket, $"http://{socket.LocalEndPoint}");
    }

    public override async Task<RawPeer> AcceptAsync()
    {
        var accepted = await _socket.AcceptAsync().WaitAsync(Eventually.Patience);
        accepted.NoDelay = true;
        Interlocked.Increment(ref _accepted);
        return new SocketPeer(accepted);
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return default;
    }
}
