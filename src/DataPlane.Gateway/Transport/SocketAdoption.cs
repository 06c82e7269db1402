using System.Buffers;
using System.Net.Sockets;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Epoll;
using DataPlane.Gateway.Transport.Native;
using DataPlane.Gateway.Transport.Portable;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// Puts a connected stream socket of this process on a loop, whichever transport the loop has: for peers that neither
/// a listener nor a connector brought. Loop thread; cold.
/// </summary>
public static class SocketAdoption
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int DuplicateCloseOnExec = 1030;

    private static readonly SocketConnectionContextFactory s_contexts =
        new(new SocketConnectionFactoryOptions(), NullLogger.Instance);

    /// <summary>Takes the socket over in any case; null when the kernel refuses another descriptor or watch.</summary>
    public static LoopConnection? TryAdopt(Socket socket, EventLoop loop)
    {
        if (loop.Engine is not EpollEngine engine) return new PortableConnection(loop, s_contexts.Create(socket));
        // A duplicate: the runtime's handle would close the descriptor when it is collected.
        int fd = LibC.FileControl((int)socket.Handle, DuplicateCloseOnExec, 0);
        socket.Dispose();
        if (fd < 0) return null;
        LibC.FileControl(fd, SetFlags, LibC.FileControl(fd, GetFlags, 0) | LibC.NonBlocking);
        var connection = new EpollConnection(engine, fd, default, listener: null, MemoryPool<byte>.Shared);
        return connection.TryRegister() ? connection : null;
    }
}
