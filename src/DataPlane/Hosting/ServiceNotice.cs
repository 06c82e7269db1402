using System.Net.Sockets;
using System.Text;

namespace DataPlane.Hosting;

/// <summary>
/// Tells the service manager how the process is: a datagram to the socket that <c>NOTIFY_SOCKET</c> names, as
/// sd_notify(3) does. Without the variable nothing happens; what cannot be told is left.
/// </summary>
internal static class ServiceNotice
{
    public static void Ready() => Tell($"READY=1\nMAINPID={Environment.ProcessId}");

    public static void Stopping() => Tell("STOPPING=1");

    /// <summary>The successor is the service from now on.</summary>
    public static void MainProcess(int id) => Tell($"MAINPID={id}");

    private static void Tell(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path) return;
        try
        {
            // A name that begins with @ is abstract: no file.
            var address = new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), address);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            // The manager's loss: it will find out by its own time-outs.
        }
    }
}
