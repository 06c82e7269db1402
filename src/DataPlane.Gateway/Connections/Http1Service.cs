using System.Runtime.CompilerServices;
using DataPlane.Gateway.Transport;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// One client served on the loop that accepted it: waits for the end of its <see cref="Http1Connection"/>, and is then
/// the next client's. An async method would need a task that nobody awaits. Loop thread; 0 bytes.
/// </summary>
internal sealed class Http1Service
{
    private readonly ClientConnections _connections;
    private readonly ConnectionShard _shard;
    private readonly Action _end;
    private LoopConnection? _transport;
    private ValueTaskAwaiter<ConnectionEnd> _run;

    public Http1Service(ClientConnections connections, ConnectionShard shard)
    {
        _connections = connections;
        _shard = shard;
        _end = End;
    }

    public void Run(LoopConnection transport, Http1Connection connection)
    {
        _transport = transport;
        _run = connection.RunAsync().GetAwaiter();
        if (_run.IsCompleted) End();
        else _run.UnsafeOnCompleted(_end);
    }

    private void End()
    {
        var transport = _transport!;
        var run = _run;
        (_transport, _run) = (null, default);
        _shard.Return(this);
        _connections.End(transport, run);
    }
}
