using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Epoll;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// One endpoint, listened to on every loop. Accepted connections wait here for Kestrel, which takes them on the thread
/// pool; the count of those waiting is bounded by Kestrel's own pace and visible as <see cref="Waiting"/>.
/// </summary>
internal sealed class LoopListener : IConnectionListener
{
    private readonly Channel<EpollConnection> _accepted = Channel.CreateUnbounded<EpollConnection>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly LoopSet _loops;
    private readonly Action? _onUnbound;
    private readonly List<(EventLoop Loop, EpollListener Listener)> _sockets = [];
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

    public void Offer(EpollConnection connection)
    {
        Interlocked.Increment(ref _waiting);
        if (_accepted.Writer.TryWrite(connection)) return;
        Interlocked.Decrement(ref _waiting);
        connection.Reset();
    }

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
        while (_accepted.Reader.TryRead(out var connection)) connection.Reset();
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
