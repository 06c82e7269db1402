using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Loops;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Transport.Portable;

/// <summary>Connects with the runtime's sockets and Kestrel's pipes over them.</summary>
internal sealed class SocketConnector(ILoggerFactory loggers) : IUpstreamConnector, IDisposable
{
    private readonly SocketConnectionContextFactory _contexts =
        new(new SocketConnectionFactoryOptions(), loggers.CreateLogger<SocketConnector>());

    public async ValueTask<ConnectResult> ConnectAsync(EndPoint address, EventLoop loop, int timeoutMs)
    {
        if (address is not (IPEndPoint or UnixDomainSocketEndPoint)) return new(null, ConnectFault.Other);
        bool isIp = address is IPEndPoint;
        var socket = new Socket(
            address.AddressFamily, SocketType.Stream, isIp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(timeoutMs), loop.Time);
        try
        {
            if (isIp) socket.NoDelay = true;
            await socket.ConnectAsync(address, timeout.Token);
            return new(new PortableConnection(loop, _contexts.Create(socket)), ConnectFault.None);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            return new(null, ConnectFault.TimedOut);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            return new(null, FaultOf(exception.SocketErrorCode));
        }
    }

    public void Dispose() => _contexts.Dispose();

    private static ConnectFault FaultOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => ConnectFault.Refused,
        SocketError.TimedOut => ConnectFault.TimedOut,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or
            SocketError.HostDown or SocketError.HostNotFound or SocketError.AddressNotAvailable =>
            ConnectFault.Unreachable,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.WouldBlock =>
            ConnectFault.Exhausted,
        _ => ConnectFault.Other,
    };
}
