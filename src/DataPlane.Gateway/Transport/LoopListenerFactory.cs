using System.Buffers;
using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Gateway.Transport.Epoll;
using DataPlane.Gateway.Transport.Handover;
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

    /// <summary>Sockets of a predecessor, and for a successor; null for neither.</summary>
    public ListeningSockets? Sockets { get; init; }

    /// <summary>Who may connect; null for everybody.</summary>
    public ConnectionAdmission? Admission { get; init; }

    /// <summary>Endpoints whose peers are balancers that tell who the clients are.</summary>
    public Func<EndPoint, bool> IsBehindBalancers { get; init; } = static _ => false;

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint && _owns(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is UnixDomainSocketEndPoint unix) return await BindUnixAsync(unix);
        var sockets = new List<int>();
        try
        {
            var bound = (IPEndPoint)endpoint;
            sockets.AddRange(Sockets?.Take(bound) ?? []);
            bool isGiven = sockets.Count > 0;
            if (!isGiven && bound.Port != 0 && !SharesPorts) ListeningSocket.ThrowIfTaken(bound);
            // One that was bound for itself alone has its connections dealt to all loops.
            bool isAlone = isGiven && !ListeningSocket.SharesPort(sockets[0]);
            while (sockets.Count < _loops.Count && !isAlone)
            {
                sockets.Add(ListeningSocket.OpenIp(bound));
                // Port 0: the first socket picks, the others share.
                bound = SocketName.LocalOf(sockets[0]) ?? bound;
            }
            return await OpenAsync(bound, sockets, !IsBehindBalancers(endpoint), isAlone ? _loops : null);
        }
        finally
        {
            // Those that found no owner.
            foreach (int socket in sockets) LibC.Close(socket);
        }
    }

    private async Task<IConnectionListener> OpenAsync(
        IPEndPoint bound, List<int> sockets, bool knowsClients, LoopSet? dealtTo)
    {
        var listener = new LoopListener(bound, _loops, onUnbound: null)
        {
            Sockets = Sockets,
            Admission = Admission,
            KnowsClients = knowsClients,
        };
        try
        {
            // A predecessor may have had more loops: then one serves several.
            for (int index = 0; sockets.Count > 0; index++)
            {
                int socket = sockets[0];
                sockets.RemoveAt(0);
                var loop = _loops[index % _loops.Count];
                await listener.OpenAsync(
                    loop, new EpollListener(listener, (EpollEngine)loop.Engine, socket, dealtTo, _pool));
            }
            return listener;
        }
        catch (IOException)
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    private void DeleteFile(string path)
    {
        if (Sockets is not { IsHandedOver: true }) File.Delete(path);
    }

    private async ValueTask<IConnectionListener> BindUnixAsync(UnixDomainSocketEndPoint endpoint)
    {
        string path = endpoint.ToString();
        bool isFile = path.Length > 0 && path[0] is not ('\0' or '@');
        var given = Sockets?.Take(endpoint) ?? [];
        if (isFile && given.Count == 0) ListeningSocket.RemoveStaleFile(endpoint, path);
        int socket = given.Count > 0
            ? given[0]
            : ListeningSocket.OpenUnix(endpoint, isFile ? path : null, _unixMode);
        var listener = new LoopListener(endpoint, _loops, isFile ? () => DeleteFile(path) : null)
        {
            Sockets = Sockets,
            Admission = Admission,
            KnowsClients = !IsBehindBalancers(endpoint),
        };
        var loop = _loops[0];
        await listener.OpenAsync(loop, new EpollListener(listener, (EpollEngine)loop.Engine, socket, _loops, _pool));
        return listener;
    }
}
