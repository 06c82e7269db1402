using System.Buffers;
using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Gateway.Transport.Epoll;
using DataPlane.Gateway.Transport.Handover;
using DataPlane.Gateway.Transport.Portable;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// The transport of the process, probed once at start: its loops, its connector, and how clients' connections come to a
/// loop. Dispose after the servers have stopped.
/// </summary>
public sealed class TransportChoice : IDisposable
{
    private TransportChoice(
        TransportKind kind, LoopSet loops, IUpstreamConnector connector, ConnectionAdmission admission)
    {
        Admission = admission;
        Kind = kind;
        Loops = loops;
        Connector = connector;
    }

    /// <summary>What was chosen; never <see cref="TransportKind.Auto"/>.</summary>
    public TransportKind Kind { get; }

    /// <summary>True when the loops send by io_uring.</summary>
    public bool UsesRing => Loops[0].Engine is EpollEngine { SendsTogether: true };

    public LoopSet Loops { get; }

    public IUpstreamConnector Connector { get; }

    /// <summary>Who may connect to the listeners of clients.</summary>
    public ConnectionAdmission Admission { get; }

    /// <summary>
    /// Loops that have not started yet. Throws <see cref="PlatformNotSupportedException"/> when epoll is asked for and
    /// the kernel refuses it.
    /// </summary>
    /// <param name="usesRing">False keeps epoll's loops off io_uring also where there is one.</param>
    /// <param name="isBatch">False leaves the threads of epoll's loops the schedule of the process.</param>
    public static TransportChoice Create(
        TransportKind kind, int loops, TimeProvider time, ILoggerFactory? loggers = null, int ipv6PrefixBits = 64,
        bool usesRing = true, bool isBatch = true)
    {
        var admission = new ConnectionAdmission(time) { IPv6PrefixBits = ipv6PrefixBits };
        if (kind == TransportKind.Auto) kind = IsEpollAvailable() ? TransportKind.Epoll : TransportKind.Sockets;
        if (kind == TransportKind.Epoll)
        {
            return new TransportChoice(
                kind, new LoopSet(loops, _ => new EpollEngine(usesRing, isBatch), time),
                new EpollConnector(MemoryPool<byte>.Shared), admission);
        }
        return new TransportChoice(
            kind, new LoopSet(loops, static _ => new PortableEngine(), time),
            new SocketConnector(loggers ?? NullLoggerFactory.Instance), admission);
    }

    /// <summary>
    /// For Kestrel, in front of its own factory; takes the endpoints <paramref name="owns"/> says yes to. Null when
    /// Kestrel's own transport is the choice.
    /// </summary>
    public IConnectionListenerFactory? CreateListenerFactory(
        Func<EndPoint, bool> owns, UnixFileMode? unixMode = null, MemoryPool<byte>? pool = null,
        bool sharesPorts = false, Func<EndPoint, bool>? isBehindBalancers = null, ListeningSockets? sockets = null) =>
        Kind == TransportKind.Epoll
            ? new LoopListenerFactory(Loops, owns, unixMode, pool)
            {
                SharesPorts = sharesPorts,
                Admission = Admission,
                Sockets = sockets,
                IsBehindBalancers = isBehindBalancers ?? (static _ => false),
            }
            : null;

    /// <summary>
    /// The connection as one of a loop: itself when it came from a loop's listener. Any thread; cheap.
    /// </summary>
    public LoopConnection Adopt(ConnectionContext connection) =>
        connection as LoopConnection ?? new PortableConnection(Loops.Next(), connection);

    public void Dispose()
    {
        Loops.Dispose();
        (Connector as IDisposable)?.Dispose();
    }

    private static bool IsEpollAvailable()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            using var probe = new EpollEngine(usesRing: false);
            return true;
        }
        catch (PlatformNotSupportedException)
        {
            return false;
        }
    }
}
