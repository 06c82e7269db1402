using System.Net;
using System.Net.Sockets;

namespace DataPlane.Tools.Upstreams;

/// <summary>
/// A listening socket on loopback (port 0 takes a free one) or on a unix path, one task per connection. Counters may be
/// read from any thread.
/// </summary>
internal sealed class LoopbackAcceptor : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly string? _unixPath;
    private readonly Func<AcceptedConnection, CancellationToken, Task> _serve;
    private readonly Action _changed;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _connections = [];
    private readonly Task _acceptLoop;
    private int _accepted;
    private int _open;

    private LoopbackAcceptor(
        EndPoint endPoint, string? unixPath, Func<AcceptedConnection, CancellationToken, Task> serve, Action changed)
    {
        _unixPath = unixPath;
        _serve = serve;
        _changed = changed;
        var isUnix = unixPath is not null;
        var protocol = isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp;
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        _listener.Bind(endPoint);
        _listener.Listen(backlog: 1024);
        Port = isUnix ? 0 : ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _acceptLoop = Task.Run(AcceptAsync);
    }

    public int Port { get; }

    public int Accepted => Volatile.Read(ref _accepted);

    public int Open => Volatile.Read(ref _open);

    public static LoopbackAcceptor OnPort(
        int port, Func<AcceptedConnection, CancellationToken, Task> serve, Action changed) =>
        new(new IPEndPoint(IPAddress.Loopback, port), unixPath: null, serve, changed);

    public static LoopbackAcceptor OnUnixPath(
        string path, Func<AcceptedConnection, CancellationToken, Task> serve, Action changed)
    {
        // A path left behind by a killed run would make bind fail although nobody listens there.
        File.Delete(path);
        return new(new UnixDomainSocketEndPoint(path), path, serve, changed);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _acceptLoop;
        Task[] remaining;
        lock (_connections)
        {
            remaining = [.. _connections];
        }

        await Task.WhenAll(remaining);
        _stopping.Dispose();
        if (_unixPath is not null)
            File.Delete(_unixPath);
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException
                or ObjectDisposedException)
            {
                return;
            }

            var number = Interlocked.Increment(ref _accepted);
            Interlocked.Increment(ref _open);
            _changed();
            var task = ServeAsync(new AcceptedConnection(socket, number));
            lock (_connections)
            {
                _connections.RemoveWhere(done => done.IsCompleted);
                _connections.Add(task);
            }
        }
    }

    private async Task ServeAsync(AcceptedConnection connection)
    {
        // The accept loop must not run a connection's first synchronous stretch.
        await Task.Yield();
        try
        {
            await _serve(connection, _stopping.Token);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException
            or ObjectDisposedException)
        {
            // A peer that goes away is an ordinary end of a fake's connection; tests read it from the counters.
        }
        finally
        {
            connection.Dispose();
            Interlocked.Decrement(ref _open);
            _changed();
        }
    }
}
