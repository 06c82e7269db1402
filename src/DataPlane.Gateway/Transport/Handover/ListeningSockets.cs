using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Transport.Native;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace DataPlane.Gateway.Transport.Handover;

/// <summary>
/// The listening sockets of the process: those it was given at its start, by systemd or by the process it takes over
/// from, and those that are open now, which a successor may be given. A socket that lives on in another process keeps
/// its queue: no connection is lost between the two. Any thread; cold. Linux; elsewhere nothing is given or taken.
/// </summary>
public sealed class ListeningSockets : IDisposable
{
    /// <summary>Descriptors of a predecessor's sockets, separated by commas.</summary>
    public const string Variable = "DATAPLANE_LISTEN_FDS";

    private const int FirstOfSystemd = 3;
    private const int MostDescriptors = 4096;

    private readonly Lock _lock = new();
    private readonly List<(int Descriptor, EndPoint Address)> _given = [];
    private readonly List<(int Descriptor, EndPoint Address)> _held = [];
    private readonly List<int> _open = [];
    private volatile bool _isHandedOver;

    /// <summary>A successor serves on the same sockets: closing them here must leave them as they are.</summary>
    public bool IsHandedOver => _isHandedOver;

    /// <summary>Descriptors a successor is to be given.</summary>
    public IReadOnlyList<int> Open
    {
        get
        {
            lock (_lock) return [.. _open];
        }
    }

    /// <summary>
    /// What the environment says was given to this process; the variables are removed, as they mean no other one.
    /// </summary>
    public static ListeningSockets FromEnvironment()
    {
        var sockets = new ListeningSockets();
        if (!OperatingSystem.IsLinux()) return sockets;
        foreach (int descriptor in Descriptors(Environment.GetEnvironmentVariable, Environment.ProcessId))
            sockets.Give(descriptor);
        foreach (string name in new[] { Variable, "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES" })
            Environment.SetEnvironmentVariable(name, value: null);
        return sockets;
    }

    /// <summary>Offers a descriptor; one that is no listening socket is left alone.</summary>
    public void Give(int descriptor)
    {
        if (!ListeningSocket.Adopt(descriptor) || SocketName.AddressOf(descriptor) is not { } address) return;
        lock (_lock) _given.Add((descriptor, address));
    }

    /// <summary>The given sockets of an address, which are the caller's from now on.</summary>
    public IReadOnlyList<int> Take(EndPoint address)
    {
        lock (_lock)
        {
            int[] taken = [.. _given.Where(each => each.Address.Equals(address)).Select(each => each.Descriptor)];
            _given.RemoveAll(each => each.Address.Equals(address));
            return taken;
        }
    }

    /// <summary>Closes what no listener asked for: connections to it would wait for ever. Says which.</summary>
    public IReadOnlyList<EndPoint> CloseUnclaimed()
    {
        lock (_lock)
        {
            EndPoint[] addresses = [.. _given.Select(each => each.Address)];
            foreach (var (descriptor, _) in _given) LibC.Close(descriptor);
            _given.Clear();
            return addresses;
        }
    }

    /// <summary>For Kestrel's own transport: a given socket or a new one, which stays this object's.</summary>
    public Socket CreateBound(EndPoint address)
    {
        if (!OperatingSystem.IsLinux() || address is not (IPEndPoint or UnixDomainSocketEndPoint))
            return SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        var given = Take(address);
        int descriptor = given.Count > 0 ? given[0] : ListeningSocket.OpenAlone(address);
        // Kestrel's transport has one socket for an address.
        foreach (int surplus in given.Skip(1)) LibC.Close(surplus);
        Opened(descriptor);
        lock (_lock) _held.Add((descriptor, SocketName.AddressOf(descriptor) ?? address));
        // Not the socket's own: disposing it would reset, or unbind, what a successor goes on using.
        return new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
    }

    /// <summary>The listener that was made by <see cref="CreateBound"/> has ended.</summary>
    public void CloseHeld(EndPoint address)
    {
        (int Descriptor, EndPoint Address) held;
        lock (_lock)
        {
            held = _held.Find(each => each.Address.Equals(address));
            if (held.Address is null) return;
            _held.Remove(held);
        }
        Closed(held.Descriptor);
        LibC.Close(held.Descriptor);
        bool isFile = address is UnixDomainSocketEndPoint && address.ToString() is ['/', ..];
        if (isFile && !IsHandedOver) File.Delete(address.ToString()!);
    }

    public void HandOver() => _isHandedOver = true;

    public void Dispose()
    {
        CloseUnclaimed();
        EndPoint[] held;
        lock (_lock) held = [.. _held.Select(each => each.Address)];
        foreach (var address in held) CloseHeld(address);
    }

    internal void Opened(int descriptor)
    {
        lock (_lock) _open.Add(descriptor);
    }

    internal void Closed(int descriptor)
    {
        lock (_lock) _open.Remove(descriptor);
    }

    /// <summary>By our own variable, else by systemd's, which are meant for one process only.</summary>
    internal static IEnumerable<int> Descriptors(Func<string, string?> variable, int processId)
    {
        if (variable(Variable) is { } own)
        {
            return own.Split(',').Select(each => Number(each) ?? -1).Where(each => each >= FirstOfSystemd);
        }
        bool isForUs = Number(variable("LISTEN_PID")) == processId;
        int count = isForUs ? Number(variable("LISTEN_FDS")) ?? 0 : 0;
        return Enumerable.Range(FirstOfSystemd, Math.Clamp(count, 0, MostDescriptors));
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
