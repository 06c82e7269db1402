using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Native;

/// <summary>
/// Opens listening sockets; errors of the operator's doing are exceptions Kestrel knows how to report.
/// </summary>
internal static unsafe class ListeningSocket
{
    /// <summary>Bound with SO_REUSEPORT and listening.</summary>
    public static int OpenIp(IPEndPoint address)
    {
        int fd = Bind(address, reusePort: true);
        SetForConnections(fd);
        return Listen(fd, address);
    }

    /// <summary>
    /// Binds once without SO_REUSEPORT: with it, a second gateway on the same port would not fail but take half of the
    /// connections of the first.
    /// </summary>
    public static void ThrowIfTaken(IPEndPoint address) => LibC.Close(Bind(address, reusePort: false));

    /// <summary>Listening, and nobody else's: the address belongs to this socket alone.</summary>
    public static int OpenAlone(EndPoint address)
    {
        if (address is IPEndPoint ip)
        {
            int fd = Bind(ip, reusePort: false);
            SetForConnections(fd);
            return Listen(fd, ip);
        }
        var unix = (UnixDomainSocketEndPoint)address;
        string path = unix.ToString();
        bool isFile = path is ['/', ..];
        if (isFile) RemoveStaleFile(unix, path);
        return OpenUnix(unix, isFile ? path : null, mode: null);
    }

    /// <summary>
    /// Makes a socket of another process one of ours; false when it is none that listens.
    /// </summary>
    public static bool Adopt(int fd)
    {
        if (LibC.GetOption(fd, LibC.LevelSocket, LibC.OptionAcceptsConnections) != 1) return false;
        LibC.FileControl(fd, LibC.SetDescriptorFlags, LibC.CloseOnExecFlag);
        int flags = LibC.FileControl(fd, LibC.GetStatusFlags, 0);
        LibC.FileControl(fd, LibC.SetStatusFlags, flags | LibC.NonBlocking);
        // Refused for unix sockets, which have no delay.
        SetForConnections(fd);
        return true;
    }

    /// <summary>More sockets may be bound to its address.</summary>
    public static bool SharesPort(int fd) => LibC.GetOption(fd, LibC.LevelSocket, LibC.OptionReusePort) == 1;

    public static int OpenUnix(UnixDomainSocketEndPoint address, string? path, UnixFileMode? mode)
    {
        int fd = Open(LibC.AddressFamilyUnix, address);
        BindTo(fd, address);
        // Before listen: nobody can connect while the mode is still the default one.
        if (path is not null && mode is { } wanted && !OperatingSystem.IsWindows()) File.SetUnixFileMode(path, wanted);
        return Listen(fd, address);
    }

    /// <summary>A socket file outlives its process; one that refuses connections is nobody's any more.</summary>
    public static void RemoveStaleFile(UnixDomainSocketEndPoint address, string path)
    {
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            // A live process with a full queue must not make this one wait.
            Blocking = false,
        };
        try
        {
            probe.Connect(address);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException)
        {
            // Not a socket, or not ours to judge: bind will say it is in use.
        }
        throw new AddressInUseException($"{path} is in use.");
    }

    /// <summary>What accepted sockets inherit: one call instead of one per connection.</summary>
    private static void SetForConnections(int fd)
    {
        LibC.SetOption(fd, LibC.LevelTcp, LibC.OptionNoDelay, 1);
        // A client that does not read would otherwise have megabytes of the kernel's memory filled for it.
        LibC.SetOption(fd, LibC.LevelTcp, LibC.OptionNotSentLowWater, TransportLimits.UnsentBytes);
    }

    private static int Bind(IPEndPoint address, bool reusePort)
    {
        bool isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        int fd = Open(isV6 ? LibC.AddressFamilyInet6 : LibC.AddressFamilyInet, address);
        LibC.SetOption(fd, LibC.LevelSocket, LibC.OptionReuseAddress, 1);
        if (reusePort) LibC.SetOption(fd, LibC.LevelSocket, LibC.OptionReusePort, 1);
        // As Kestrel's transport: the any address of IPv6 takes IPv4 as well, a specific one does not.
        int isV6Only = address.Address.Equals(IPAddress.IPv6Any) ? 0 : 1;
        if (isV6) LibC.SetOption(fd, LibC.LevelIpv6, LibC.OptionIpv6Only, isV6Only);
        BindTo(fd, address);
        return fd;
    }

    private static int Open(int family, EndPoint address)
    {
        int fd = LibC.Socket(family, LibC.NonBlockingStream, 0);
        if (fd < 0) throw Refused(address, LibC.LastError);
        return fd;
    }

    private static void BindTo(int fd, EndPoint address)
    {
        var name = address.Serialize();
        fixed (byte* bytes = name.Buffer.Span)
        {
            if (LibC.Bind(fd, bytes, name.Size) == 0) return;
        }
        int error = LibC.LastError;
        LibC.Close(fd);
        throw Refused(address, error);
    }

    private static int Listen(int fd, EndPoint address)
    {
        if (LibC.Listen(fd, TransportLimits.Backlog) == 0) return fd;
        int error = LibC.LastError;
        LibC.Close(fd);
        throw Refused(address, error);
    }

    private static Exception Refused(EndPoint address, int error) => error == Errno.AddressInUse
        ? new AddressInUseException($"{address} is in use.")
        // The type by which Kestrel tells "no IPv6 here" from what must stop the start.
        : new SocketException(
            (int)CodeOf(error), $"Cannot listen on {address}: {Marshal.GetPInvokeErrorMessage(error)}");

    private static SocketError CodeOf(int error) => error switch
    {
        Errno.AddressNotAvailable => SocketError.AddressNotAvailable,
        Errno.FamilyNotSupported => SocketError.AddressFamilyNotSupported,
        Errno.AccessDenied => SocketError.AccessDenied,
        Errno.ProcessFiles or Errno.SystemFiles => SocketError.TooManyOpenSockets,
        _ => SocketError.SocketError,
    };
}
