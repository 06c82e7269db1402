using System.Buffers;
using System.Net;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// One connect in progress: ends by the edge that says writable, which may mean failed (connect(2), EINPROGRESS), or by
/// its timer. Its registration becomes the connection's.
/// </summary>
internal sealed class EpollConnect : IEpollTarget, ILoopTimerTarget, IValueTaskSource<ConnectResult>
{
    private readonly EpollEngine _engine;
    private readonly MemoryPool<byte> _pool;
    private readonly EndPoint _address;
    private readonly SocketName _remote;
    private readonly LoopTimer _timer;
    private readonly int _fd;
    private LoopSignal _signal;
    private ConnectResult _result;
    private int _slot;

    public EpollConnect(EpollEngine engine, MemoryPool<byte> pool, int fd, EndPoint address, in SocketName remote)
    {
        _engine = engine;
        _pool = pool;
        _fd = fd;
        _address = address;
        _remote = remote;
        _timer = new LoopTimer(this);
    }

    public ValueTask<ConnectResult> Start(bool isConnected, int timeoutMs)
    {
        _slot = _engine.Add(_fd, this, EpollConnection.Interest);
        if (_slot < 0)
        {
            LibC.Close(_fd);
            return new ValueTask<ConnectResult>(new ConnectResult(null, ConnectFault.Exhausted));
        }
        if (isConnected)
        {
            Succeed(0);
            return new ValueTask<ConnectResult>(_result);
        }
        _engine.Loop.Timers.Set(_timer, _engine.Loop.NowMs + timeoutMs);
        return new ValueTask<ConnectResult>(this, _signal.Version);
    }

    public void OnReady(uint events)
    {
        const uint ended = EpollEvents.Out | EpollEvents.Error | EpollEvents.HangUp;
        if ((events & ended) == 0) return;
        int error = LibC.TakeError(_fd);
        if (error == 0 && IsConnectedToItself()) error = Errno.ConnectionRefused;
        _engine.Loop.Timers.Cancel(_timer);
        if (error == 0) Succeed(events);
        else Fail(EpollConnector.FaultOf(error));
        _signal.Complete();
    }

    public void OnTimer(LoopTimer timer)
    {
        Fail(ConnectFault.TimedOut);
        _signal.Complete();
    }

    public void OnLoopEnd()
    {
        Fail(ConnectFault.Other);
        _signal.CompleteLater(_engine.Loop);
    }

    ValueTaskSourceStatus IValueTaskSource<ConnectResult>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<ConnectResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, _engine.Loop);

    ConnectResult IValueTaskSource<ConnectResult>.GetResult(short token)
    {
        _signal.End(token);
        return _result;
    }

    private void Succeed(uint events)
    {
        var connection = new EpollConnection(_engine, _fd, _remote, listener: null, _pool);
        if (_address is not IPEndPoint) connection.RemoteEndPoint = _address;
        connection.AdoptRegistration(_slot, events);
        _result = new ConnectResult(connection, ConnectFault.None);
    }

    private void Fail(ConnectFault fault)
    {
        _engine.Remove(_slot);
        LibC.Close(_fd);
        _result = new ConnectResult(null, fault);
    }

    // A connect to a free port of this host may be given that port as its own and meet itself (simultaneous open,
    // RFC 9293, 3.5): nobody listens there.
    private bool IsConnectedToItself() =>
        _address is IPEndPoint ip && IPAddress.IsLoopback(ip.Address) && ip.Equals(SocketName.LocalOf(_fd));
}
