using System.Buffers;
using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Epoll;
using DataPlane.Gateway.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// Kestrel's door to the loops: binds one SO_REUSEPORT socket per loop for an IP endpoint, so that the kernel deals the
/// connections, and one socket for a unix endpoint. Takes only endpoints that <c>owns</c> accepts; the others stay with
/// Kestrel's own transport.
/// </summary>
internal sealed class LoopListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly LoopSet _loops;
    private readonly Func<EndPoint, bool> _owns;
    private readonly UnixFileMode? _unixMode;
    private readonly MemoryPool<byte> _pool;

    public LoopListenerFactory(
        LoopSet loops, Func<EndPoint, bool> owns, UnixFileMode? unixMode = null, MemoryPool<byte>? pool = null)
    {
        _loops = loops;
        _owns = owns;
        _unixMode = unixMode;
        _pool = pool ?? MemoryPool<byte>.Shared;
    }

    /// <summary>
    /// Other processes of the same user may listen on the same ports, and the kernel deals connections to all of them.
    /// </summary>
    public bool SharesPorts { get; init; }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint && _owns(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is UnixDomainSocketEndPoint unix) return await BindUnixAsync(unix);
        var sockets = new List<int>();
        try
        {
            var bound = (IPEndPoint)endpoint;
            if (bound.Port != 0 && !SharesPorts) ListeningSocket.ThrowIfTaken(bound);
            for (int index = 0; index < _loops.Count; index++)
            {
                sockets.Add(ListeningSocket.OpenIp(bound));
                // Port 0: the first socket picks, the others share.
                bound = SocketName.LocalOf(sockets[0]) ?? bound;
            }
            return await OpenAsync(bound, sockets);
        }
        finally
        {
            // Those that found no owner.
            foreach (int socket in sockets) LibC.Close(socket);
        }
    }

    private async Task<IConnectionListener> OpenAsync(IPEndPoint bound, List<int> sockets)
    {
        var listener = new LoopListener(bound, _loops, onUnbound: null);
        try
        {
            for (int index = 0; index < _loops.Count; index++)
            {
                int socket = sockets[0];
                sockets.RemoveAt(0);
                var engine = (EpollEngine)_loops[index].Engine;
                await listener.OpenAsync(
                    _loops[index], new EpollListener(listener, engine, socket, dealtTo: null, _pool));
            }
            return listener;
        }
        catch (IOException)
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<IConnectionListener> BindUnixAsync(UnixDomainSocketEndPoint endpoint)
    {
        string path = endpoint.ToString();
        bool isFile = path.Length > 0 && path[0] is not ('\0' or '@');
        if (isFile) ListeningSocket.RemoveStaleFile(endpoint, path);
        int socket = ListeningSocket.OpenUnix(endpoint, isFile ? path : null, _unixMode);
        var listener = new LoopListener(endpoint, _loops, isFile ? () => File.Delete(path) : null);
        var loop = _loops[0];
        await listener.OpenAsync(loop, new EpollListener(listener, (EpollEngine)loop.Engine, socket, _loops, _pool));
        return listener;
    }
}
