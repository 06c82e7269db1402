using System.Net.Sockets;
using System.Text;
using DataPlane.Tests.Functional.Tunnels;

namespace DataPlane.Tests.Allocation;

/// <summary>
/// A WebSocket that sends one message again and again and has it back each time, by blocking calls over a buffer of its
/// own. Allocates nothing once it is open.
/// </summary>
internal sealed class CannedTunnel : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _message;
    private readonly byte[] _buffer;

    public CannedTunnel(int port, string path, byte[] message)
    {
        _message = message;
        _buffer = new byte[message.Length];
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = _socket.SendTimeout = 20_000;
        _socket.Connect("127.0.0.1", port);
        _socket.Send(Encoding.ASCII.GetBytes(TunnelPair.Request(path: path)));
        var head = new byte[4096];
        var filled = 0;
        while (head.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) < 0) filled += _socket.Receive(head.AsSpan(filled));
        Assert.StartsWith("HTTP/1.1 101 ", Encoding.ASCII.GetString(head), StringComparison.Ordinal);
    }

    public void Send()
    {
        for (var sent = 0; sent < _message.Length;)
            sent += _socket.Send(_message, sent, _message.Length - sent, SocketFlags.None);
    }

    public void Receive()
    {
        for (var filled = 0; filled < _buffer.Length;)
        {
            var received = _socket.Receive(_buffer, filled, _buffer.Length - filled, SocketFlags.None);
            if (received == 0) throw new InvalidOperationException("the gateway closed the tunnel");
            filled += received;
        }
        if (!_buffer.AsSpan().SequenceEqual(_message)) throw new InvalidOperationException("another message came back");
    }

    public void Dispose() => _socket.Dispose();
}
