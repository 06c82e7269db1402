using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Gateway.Transport.Epoll;
using DataPlane.Gateway.Transport.Handover;
using DataPlane.Gateway.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// One endpoint, listened to on every loop. Accepted connections are served where they are, or wait here for Kestrel,
/// which takes them on the thread pool; while too many of them wait, nobody is accepted.
/// </summary>
internal sealed class LoopListener : IConnectionListener, IServedListener
{
    private readonly Channel<EpollConnection> _accepted = Channel.CreateUnbounded<EpollConnection>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly LoopSet _loops;
    private readonly Action? _onUnbound;
    private readonly List<(EventLoop Loop, EpollListener Listener)> _sockets = [];
    private volatile IClientServer? _server;
    private long _acceptFaults;
    private int _waiting;
    private int _isUnbound;

    public LoopListener(EndPoint endPoint, LoopSet loops, Action? onUnbound)
    {
        _loops = loops;
        EndPoint = endPoint;
        IsIp = endPoint is IPEndPoint;
        _onUnbound = onUnbound;
    }

    public EndPoint EndPoint { get; }

    public bool IsIp { get; }

    /// <summary>Where its sockets are known to a successor; null for nowhere.</summary>
    public ListeningSockets? Sockets { get; init; }

    /// <summary>Who may connect; null for everybody.</summary>
    public ConnectionAdmission? Admission { get; init; }

    /// <summary>Its peers are clients, and no balancers.</summary>
    public bool KnowsClients { get; init; } = true;

    public IClientServer? Server
    {
        get => _server;
        set => _server = value;
    }

    /// <summary>Accepted by a loop, not yet taken by Kestrel.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Accepts that failed, most likely for want of descriptors.</summary>
    public long AcceptFaults => Interlocked.Read(ref _acceptFaults);

    /// <summary>Opens one listening socket on its loop.</summary>
    public Task OpenAsync(EventLoop loop, EpollListener listener)
    {
        _sockets.Add((loop, listener));
        return RunOnAsync(loop, listener.Open);
    }

    /// <summary>One of its own, just accepted. Loop thread.</summary>
    public void Serve(EpollConnection connection)
    {
        if (_server is { } server) server.Serve(connection);
        else Offer(connection);
    }

    /// <summary>One that it served has ended. Loop thread.</summary>
    public void Leave(in SocketName remote) => Admission?.Leave(KeyOf(in remote));

    /// <summary>Has Kestrel take the connection.</summary>
    public void Offer(EpollConnection connection)
    {
        Interlocked.Increment(ref _waiting);
        if (_accepted.Writer.TryWrite(connection)) return;
        Interlocked.Decrement(ref _waiting);
        Drop(connection);
    }

    /// <summary>The client as limits count it: unknown where a balancer stands before it.</summary>
    public AddressKey KeyOf(in SocketName remote) =>
        KnowsClients && Admission is not null ? remote.ToKey(Admission.IPv6PrefixBits) : default;

    public void CountAcceptFault() => Interlocked.Increment(ref _acceptFaults);

    // Pooled: Kestrel awaits each accept once, and has one under way.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (!_accepted.Reader.TryRead(out var connection)) continue;
            Interlocked.Decrement(ref _waiting);
            return connection;
        }
        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isUnbound, 1) != 0) return;
        foreach (var (loop, listener) in _sockets) await RunOnAsync(loop, listener.Close);
        // What a single listener dealt to other loops is still on its way there.
        for (int index = 0; index < _loops.Count; index++) await RunOnAsync(_loops[index], static () => { });
        _accepted.Writer.TryComplete();
        _onUnbound?.Invoke();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_accepted.Reader.TryRead(out var connection)) Drop(connection);
    }

    /// <summary>An admitted connection that nobody takes any more.</summary>
    private void Drop(EpollConnection connection)
    {
        Admission?.Leave(KnowsClients ? Admission.KeyOf(connection.RemoteEndPoint) : default);
        connection.Reset();
    }

    private static Task RunOnAsync(EventLoop loop, Action action)
    {
        if (((EpollEngine)loop.Engine).IsDisposed) return Task.CompletedTask;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (IOException exception)
                {
                    done.SetException(exception);
                }
            },
            state: null);
        return done.Task;
    }
}
