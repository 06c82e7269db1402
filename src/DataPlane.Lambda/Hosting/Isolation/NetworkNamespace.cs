using System.Text;
using DataPlane.Lambda.Native;
using Microsoft.Win32.SafeHandles;

namespace DataPlane.Lambda.Hosting.Isolation;

/// <summary>
/// A network with nothing but a loopback of its own. What a thread makes while it is in there, sockets and processes,
/// belongs to it. Any thread; entering and leaving are two calls of the kernel.
/// </summary>
internal sealed unsafe class NetworkNamespace
{
    private const int Datagram = 2;
    private const int IPv4 = 2;
    private const nuint SetFlags = 0x8914;
    private const short UpAndRunning = 0x41;

    // Environments may outlive the function that was configured: the last one to forget it closes these.
    private readonly SafeFileHandle _home;
    private SafeFileHandle _inside = Invalid;

    /// <summary>Why there is none; null when there is.</summary>
    public string? Problem { get; private set; }

    public NetworkNamespace()
    {
        _home = OpenOwn();
        // A thread that ends takes the change with it: no thread of anybody else's is ever in the wrong place.
        var maker = new Thread(Make);
        maker.Start();
        maker.Join();
    }

    /// <summary>Runs something in there, on this thread.</summary>
    public T Run<T>(Func<T> work)
    {
        if (LibC.SetNamespace((int)_inside.DangerousGetHandle(), LibC.NewNetwork) < 0)
            throw new IOException($"cannot enter a network namespace (error {LibC.LastError})");
        try
        {
            return work();
        }
        finally
        {
            // A thread that could not come back must not go on: it would serve clients from in there.
            if (LibC.SetNamespace((int)_home.DangerousGetHandle(), LibC.NewNetwork) < 0)
                Environment.FailFast($"cannot leave a network namespace (error {LibC.LastError})");
        }
    }

    private static SafeFileHandle Invalid => new(-1, ownsHandle: false);

    private static SafeFileHandle OpenOwn() => new(
        LibC.OpenAt(LibC.AtCurrentFolder, "/proc/thread-self/ns/net", LibC.CloseOnExec), ownsHandle: true);

    private void Make()
    {
        if (_home.IsInvalid || LibC.Unshare(LibC.NewNetwork) < 0)
        {
            Problem = $"no network namespace (error {LibC.LastError})";
            return;
        }
        _inside = OpenOwn();
        int socket = LibC.Socket(IPv4, Datagram | LibC.CloseOnExec, 0);
        // struct ifreq: a name of 16 bytes, then its flags.
        var request = stackalloc byte[40];
        Encoding.ASCII.GetBytes("lo", new Span<byte>(request, 16));
        *(short*)(request + 16) = UpAndRunning;
        if (_inside.IsInvalid || socket < 0 || LibC.Control(socket, SetFlags, request) < 0)
            Problem = $"no loopback in a network namespace (error {LibC.LastError})";
        if (socket >= 0) LibC.Close(socket);
    }
}
