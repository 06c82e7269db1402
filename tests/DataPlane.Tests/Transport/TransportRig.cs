using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Epoll;
using DataPlane.Gateway.Transport.InMemory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DataPlane.Tests.Transport;

/// <summary>
/// A listener of one kind of transport and its loops. Disposing it checks that no slab is outstanding and that the
/// process has as many descriptors as before.
/// </summary>
internal sealed class TransportRig : IAsyncDisposable
{
    public const string Epoll = "epoll";
    public const string EpollWithoutRing = "epoll without io_uring";
    public const string Sockets = "sockets";
    public const string Memory = "memory";

    /// <summary>TLS over whichever transport the system has.</summary>
    public const string Tls = "tls";

    /// <summary>Nothing here takes long; a wait that does is a failure, not a hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // The test runner and the runtime open some of their own now and then. Tests about leaks open thousands.
    private const int DescriptorsOfTheRunner = 4;

    private readonly Dictionary<string, int> _descriptorsBefore;
    private readonly string _kind;
    private readonly List<LoopConnection> _connections = [];
    private IConnectionListener? _listener;

    private TransportRig(string kind, int loops)
    {
        _descriptorsBefore = CountDescriptors();
        _kind = kind;
        Choice = TransportChoice.Create(
            kind switch
            {
                Epoll or EpollWithoutRing => TransportKind.Epoll,
                Tls => TransportKind.Auto,
                _ => TransportKind.Sockets,
            },
            loops, TimeProvider.System, usesRing: kind != EpollWithoutRing);
        Choice.Loops.Start();
    }

    public static TheoryData<string> Kinds =>
        OperatingSystem.IsLinux() ? [Epoll, EpollWithoutRing, Sockets, Memory] : [Sockets, Memory];

    /// <summary>With TLS, which keeps the same contract, but for tokens.</summary>
    public static TheoryData<string> KindsWithTls =>
        OperatingSystem.IsLinux() ? [Epoll, EpollWithoutRing, Sockets, Memory, Tls] : [Sockets, Memory, Tls];

    public static TheoryData<string> SocketKinds =>
        OperatingSystem.IsLinux() ? [Epoll, EpollWithoutRing, Sockets] : [Sockets];

    public TransportChoice Choice { get; }

    public EventLoop Loop => Choice.Loops[0];

    public EndPoint EndPoint => _listener!.EndPoint;

    public IConnectionListener Listener => _listener!;

    public static async Task<TransportRig> StartAsync(string kind, int loops = 1, EndPoint? endPoint = null)
    {
        // The runtime opens descriptors of its own with the first socket; they are not a leak.
        await WarmUpAsync();
        var rig = new TransportRig(kind, loops);
        var factory = rig.Choice.CreateListenerFactory(static _ => true) ?? new SocketTransportFactory(
            Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        if (kind != Memory) rig._listener = await factory.BindAsync(endPoint ?? new IPEndPoint(IPAddress.Loopback, 0));
        return rig;
    }

    public async Task<(LoopConnection Connection, IPeer Peer)> ConnectAsync(int receiveBufferBytes = 0)
    {
        if (_kind == Memory)
        {
            var (near, far) = InMemoryConnection.CreatePair(Loop, Loop);
            _connections.Add(near);
            return (near, new MemoryPeer(far));
        }
        var socket = new Socket(_listener!.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        if (receiveBufferBytes > 0) socket.ReceiveBufferSize = receiveBufferBytes;
        var accept = _listener.AcceptAsync();
        await socket.ConnectAsync(_listener.EndPoint);
        var accepted = await accept.AsTask().WaitAsync(Patience);
        var connection = Choice.Adopt(accepted!);
        _connections.Add(connection);
        if (_kind != Tls) return (connection, new SocketPeer(socket));
        var encrypted = await TlsSocketPeer.AgreeAsync(connection, socket);
        _connections.Insert(0, encrypted.Connection);
        return encrypted;
    }

    /// <summary>A connection pair of which both ends are on the loop: the shape of an upstream.</summary>
    public static async Task OnLoopAsync(EventLoop loop, Func<Task> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ => Run(),
            state: null);
        await done.Task.WaitAsync(Patience);

        async void Run()
        {
            try
            {
                await work();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }
    }

    public Task OnLoopAsync(Func<Task> work) => OnLoopAsync(Loop, work);

    public Task OnLoopAsync(Action work) => OnLoopAsync(
        () =>
        {
            work();
            return Task.CompletedTask;
        });

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            if (Environment.TickCount64 - start > Patience.TotalMilliseconds) Assert.Fail(
                    $"Waited in vain for: {what}; open are {string.Join(' ', CountDescriptors())}");
            await Task.Yield();
            Thread.Yield();
        }
    }

    public static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Receives exactly <paramref name="length"/> bytes, or as many as come before the end.</summary>
    public static async Task<byte[]> ReceiveAsync(IPeer peer, int length)
    {
        byte[] bytes = new byte[length];
        int filled = 0;
        while (filled < length)
        {
            int received = await peer.ReceiveAsync(bytes.AsMemory(filled)).AsTask().WaitAsync(Patience);
            if (received == 0) break;
            filled += received;
        }
        return bytes[..filled];
    }

    /// <summary>Open sockets, pipes and event descriptors of this process, by kind; files are none of ours.</summary>
    public static Dictionary<string, int> CountDescriptors()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        if (!OperatingSystem.IsLinux()) return counts;
        foreach (string entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            string kind = KindOf(entry);
            if (kind is "socket" or "pipe" or "anon_inode") counts[kind] = counts.GetValueOrDefault(kind) + 1;
        }
        return counts;
    }

    private static string KindOf(string entry)
    {
        try
        {
            return File.ResolveLinkTarget(entry, returnFinalTarget: false)?.Name.Split(':')[0] ?? "";
        }
        catch (FileNotFoundException)
        {
            // The one that listed the directory.
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync().AsTask().WaitAsync(Patience);
        if (_listener is not null) await _listener.DisposeAsync();
        for (int index = 0; index < Choice.Loops.Count; index++)
        {
            var loop = Choice.Loops[index];
            // Twice: what the first turn posts runs in the second.
            for (int turn = 0; turn < 3; turn++) await OnLoopAsync(loop, static () => Task.CompletedTask);
            await OnLoopAsync(
                loop,
                () =>
                {
                    Assert.Equal(0, loop.Slabs.Outstanding);
                    if (loop.Engine is EpollEngine engine) Assert.Equal(0, engine.Registered);
                    return Task.CompletedTask;
                });
        }
        Choice.Dispose();
        await UntilAsync(
            () => CountDescriptors().All(
                now => now.Value <= _descriptorsBefore.GetValueOrDefault(now.Key) + DescriptorsOfTheRunner),
            $"descriptors to be closed; before were {string.Join(' ', _descriptorsBefore)}");
    }

    private static async Task WarmUpAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var accept = listener.AcceptAsync();
        await client.ConnectAsync(listener.LocalEndPoint!);
        using var accepted = await accept;
        byte[] one = new byte[1];
        var receive = accepted.ReceiveAsync(one);
        await client.SendAsync(one);
        await receive;
    }
}
