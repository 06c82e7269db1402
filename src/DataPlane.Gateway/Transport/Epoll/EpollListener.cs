using System.Buffers;
using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// One listening socket on one loop, level-triggered. Its connections stay on its loop, or are dealt to all loops where
/// there is only one socket for them (unix).
/// </summary>
internal sealed class EpollListener : IEpollTarget, ILoopTimerTarget
{
    private readonly LoopListener _owner;
    private readonly EpollEngine _engine;
    private readonly LoopSet? _dealtTo;
    private readonly MemoryPool<byte> _pool;
    private readonly LoopTimer _rest;
    private int _fd;
    private int _slot = -1;
    private bool _isClosing;

    public EpollListener(LoopListener owner, EpollEngine engine, int fd, LoopSet? dealtTo, MemoryPool<byte> pool)
    {
        _owner = owner;
        _engine = engine;
        _fd = fd;
        _dealtTo = dealtTo;
        _pool = pool;
        _rest = new LoopTimer(this);
    }

    /// <summary>Begins to accept. Loop thread.</summary>
    public void Open()
    {
        _slot = _engine.Add(_fd, this, EpollEvents.In);
        if (_slot < 0) throw new IOException("The kernel refuses to watch the listening socket.");
        _owner.Sockets?.Opened(_fd);
    }

    public void OnReady(uint events) => AcceptUpTo(TransportLimits.AcceptsPerTurn);

    public void OnTimer(LoopTimer timer)
    {
        if (_fd >= 0) _engine.Modify(_slot, _fd, EpollEvents.In);
    }

    /// <summary>
    /// Stops accepting. With SO_REUSEPORT the queue belongs to the socket and would be reset with it, so what waits
    /// there is accepted first, unless a successor has the socket. Loop thread.
    /// </summary>
    public void Close()
    {
        if (_fd < 0) return;
        _isClosing = true;
        if (_owner.Sockets is not { IsHandedOver: true }) AcceptUpTo(TransportLimits.Backlog);
        OnLoopEnd();
    }

    public void OnLoopEnd()
    {
        if (_fd < 0) return;
        _engine.Loop.Timers.Cancel(_rest);
        if (_slot >= 0) _engine.RemoveShared(_slot, _fd);
        _owner.Sockets?.Closed(_fd);
        LibC.Close(_fd);
        _fd = -1;
    }

    private unsafe void AcceptUpTo(int count)
    {
        byte* name = stackalloc byte[SocketName.Size];
        for (; count > 0; count--)
        {
            int rest = _isClosing ? 0 : _owner.Admission?.RestBeforeAccept(_owner.Waiting) ?? 0;
            if (rest > 0)
            {
                Rest(rest);
                return;
            }
            new Span<byte>(name, SocketName.Size).Clear();
            int length = SocketName.Size;
            int fd = LibC.Accept(_fd, name, &length, LibC.NonBlocking | LibC.CloseOnExec);
            if (fd >= 0)
            {
                var remote = _owner.IsIp ? SocketName.From(new ReadOnlySpan<byte>(name, SocketName.Size)) : default;
                if (_owner.Admission?.TryEnter(_owner.KeyOf(in remote)) == false) Refuse(fd);
                else Place(fd, in remote);
                continue;
            }
            int error = LibC.LastError;
            if (error == Errno.Again) return;
            _owner.CountAcceptFault();
            if (IsOfTheConnection(error)) continue;
            Rest(TransportLimits.AcceptRestMs);
            return;
        }
    }

    // accept(2) passes on what befell the connection while it was queued: the next one may live. Everything else, most
    // likely a want of descriptors or memory, would only come again at once.
    private static bool IsOfTheConnection(int error) => error is
        Errno.Interrupted or Errno.ConnectionAborted or Errno.ConnectionReset or Errno.NotPermitted or Errno.Protocol or
        Errno.NoProtocolOption or Errno.TimedOut or Errno.NoNetwork or Errno.HostDown or Errno.HostUnreachable or
        Errno.NetworkDown or Errno.NetworkUnreachable or Errno.NetworkReset;

    // Level-triggered, so the listener would be reported ready all the time while nothing can be accepted.
    private void Rest(int restMs)
    {
        _engine.Modify(_slot, _fd, 0);
        _engine.Loop.Timers.Set(_rest, _engine.Loop.NowMs + restMs);
    }

    /// <summary>Before anything was made for it: RST, and the client knows.</summary>
    private static unsafe void Refuse(int fd)
    {
        // struct linger { on, seconds }
        ulong linger = BitConverter.IsLittleEndian ? 1UL : 1UL << 32;
        LibC.SetOption(fd, LibC.LevelSocket, LibC.OptionLinger, &linger, sizeof(ulong));
        LibC.Close(fd);
    }

    private void Place(int fd, in SocketName remote)
    {
        if (_dealtTo is null)
        {
            Enter(_engine, fd, remote);
            return;
        }
        var loop = _dealtTo.Next();
        if (loop.IsCurrent) Enter(_engine, fd, remote);
        else EnterLater(loop, fd, remote);
    }

    // Apart, so that only here a closure is allocated.
    private void EnterLater(EventLoop loop, int fd, SocketName remote) =>
        loop.Post(_ => Enter((EpollEngine)loop.Engine, fd, remote), state: null);

    private void Enter(EpollEngine engine, int fd, in SocketName remote)
    {
        var connection = engine.Rent(fd, in remote, _owner, _pool);
        if (connection.TryRegister())
        {
            _owner.Serve(connection);
            return;
        }
        _owner.Admission?.Leave(_owner.KeyOf(in remote));
        _owner.CountAcceptFault();
    }
}
