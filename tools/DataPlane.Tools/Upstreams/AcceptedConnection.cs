using System.Net.Sockets;

namespace DataPlane.Tools.Upstreams;

/// <summary>One accepted socket and its ordinal, counted from 1. Owned by the task that serves it.</summary>
internal sealed class AcceptedConnection : IDisposable
{
    public AcceptedConnection(Socket socket, int number)
    {
        Socket = socket;
        Number = number;
        if (socket.AddressFamily is not AddressFamily.Unix)
            socket.NoDelay = true;
        Stream = new NetworkStream(socket, ownsSocket: true);
    }

    public Socket Socket { get; }

    public int Number { get; }

    public NetworkStream Stream { get; }

    /// <summary>Ends the connection with RST: linger 0 drops what is unsent.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        Socket.Close();
    }

    /// <summary>
    /// Sends FIN and reads the rest away, so that the answer survives: closing with unread bytes makes the kernel send
    /// RST, and RST may overtake the answer in the peer's receive queue (RFC 9112 section 9.6).
    /// </summary>
    public async Task CloseGentlyAsync(CancellationToken cancellationToken)
    {
        Socket.Shutdown(SocketShutdown.Send);
        await ReadToEndAsync(cancellationToken);
    }

    /// <summary>Discards bytes until the peer closes.</summary>
    public async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        var discarded = new byte[16 * 1024];
        while (await Stream.ReadAsync(discarded, cancellationToken) > 0)
        {
        }
    }

    public void Dispose() => Stream.Dispose();
}
