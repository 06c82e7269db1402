using System.Net.Sockets;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>The stream under one HTTP/2 connection, which tells when it is gone.</summary>
internal sealed class Http2Socket(Socket socket, Http2Client client) : NetworkStream(socket, ownsSocket: true)
{
    private int _isClosed;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Interlocked.Exchange(ref _isClosed, 1) == 0) client.OnClosed();
    }
}
