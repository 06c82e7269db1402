using System.Buffers;
using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>Connects without blocking on the caller's loop, whose engine must be epoll.</summary>
internal sealed class EpollConnector(MemoryPool<byte> pool) : IUpstreamConnector
{
    public ValueTask<ConnectResult> ConnectAsync(EndPoint address, EventLoop loop, int timeoutMs)
    {
        if (address is not (IPEndPoint or UnixDomainSocketEndPoint)) return Failed(ConnectFault.Other);
        var engine = (EpollEngine)loop.Engine;
        var name = address.Serialize();
        bool isIp = address is IPEndPoint;
        int fd = LibC.Socket(FamilyOf(address), LibC.NonBlockingStream, 0);
        if (fd < 0) return Failed(FaultOf(LibC.LastError));
        if (isIp) LibC.SetOption(fd, LibC.LevelTcp, LibC.OptionNoDelay, 1);
        int error = Connect(fd, name);
        if (error is 0 or Errno.InProgress)
        {
            var connect = new EpollConnect(engine, pool, fd, address, RemoteOf(isIp, name));
            return connect.Start(isConnected: error == 0, timeoutMs);
        }
        LibC.Close(fd);
        // A unix socket whose queue is full refuses with EAGAIN instead of waiting.
        return Failed(error == Errno.Again ? ConnectFault.Exhausted : FaultOf(error));
    }

    public static ConnectFault FaultOf(int error) => error switch
    {
        0 => ConnectFault.None,
        Errno.ConnectionRefused => ConnectFault.Refused,
        Errno.TimedOut => ConnectFault.TimedOut,
        Errno.NoEntry or Errno.NetworkDown or Errno.NetworkUnreachable or Errno.HostDown or Errno.HostUnreachable =>
            ConnectFault.Unreachable,
        Errno.ProcessFiles or Errno.SystemFiles or Errno.NoMemory or Errno.NoBuffers or Errno.AddressNotAvailable =>
            ConnectFault.Exhausted,
        _ => ConnectFault.Other,
    };

    private static ValueTask<ConnectResult> Failed(ConnectFault fault) => new(new ConnectResult(null, fault));

    private static int FamilyOf(EndPoint address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => LibC.AddressFamilyInet,
        AddressFamily.InterNetworkV6 => LibC.AddressFamilyInet6,
        _ => LibC.AddressFamilyUnix,
    };

    private static unsafe int Connect(int fd, SocketAddress name)
    {
        fixed (byte* bytes = name.Buffer.Span)
        {
            while (LibC.Connect(fd, bytes, name.Size) < 0)
            {
                int error = LibC.LastError;
                if (error != Errno.Interrupted) return error;
            }
            return 0;
        }
    }

    private static SocketName RemoteOf(bool isIp, SocketAddress name)
    {
        if (!isIp) return default;
        Span<byte> bytes = stackalloc byte[SocketName.Size];
        bytes.Clear();
        name.Buffer.Span[..Math.Min(name.Size, SocketName.Size)].CopyTo(bytes);
        return SocketName.From(bytes);
    }
}
