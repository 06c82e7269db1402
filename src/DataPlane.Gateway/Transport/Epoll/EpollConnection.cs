using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// A socket on an <see cref="EpollEngine"/>: what is known of its two directions, its life from registration to close.
/// Registered once, edge-triggered: the kernel reports changes, and the flags here remember them until a read or a
/// write finds the socket drained or full, also while nobody reads.
/// </summary>
internal sealed class EpollConnection : FeatureConnection, IEpollTarget
{
    public const uint Interest = EpollEvents.In | EpollEvents.Out | EpollEvents.PeerHangUp | EpollEvents.EdgeTriggered;
    private const uint Broken = EpollEvents.Error | EpollEvents.HangUp;

    private static readonly SendOrPostCallback s_close = static state => ((EpollConnection)state!).Close();
    private static readonly SendOrPostCallback s_reset = static state => ((EpollConnection)state!).Reset();

    private static readonly SendOrPostCallback s_recycle = static state => ((EpollConnection)state!).Recycle();

    private readonly EpollEngine _engine;
    private readonly EpollPipeReader _reader;
    private readonly EpollPipeWriter _writer;
    private long _serial;
    private LoopListener? _listener;
    private SocketName _remote;
    private EpollCloser? _closer;
    private int _fd;
    private int _slot = -1;
    private PeerState _reported;
    private bool _outputShutDown;
    private volatile bool _isClosed;

    // Its server is done with it.
    private bool _isServed;

    // Closed, with nothing left that a disposal would have to give back.
    private volatile bool _isReleased;

    /// <summary>
    /// Takes the descriptor over; <paramref name="listener"/> is what it was accepted by, if anything.
    /// </summary>
    public EpollConnection(
        EpollEngine engine, int fd, in SocketName remote, LoopListener? listener, MemoryPool<byte> pool)
        : base(engine.Loop, pool)
    {
        _engine = engine;
        _reader = new EpollPipeReader(this);
        _writer = new EpollPipeWriter(this);
        Begin(fd, in remote, listener);
    }

    public override PipeReader Input => _reader;

    public override PipeWriter Output => _writer;

    public EpollEngine Engine => _engine;

    public int Descriptor => _fd;

    /// <summary>An edge said there is input, and no receive has drained it since.</summary>
    public bool IsReadable { get; set; }

    /// <summary>A FIN or an error waits behind the input: a short read does not mean drained.</summary>
    public bool IsInputEnding { get; private set; }

    /// <summary>
    /// <see cref="LoopConnection.IsKeptToLoop"/> as far as the socket's pipes are the ones that are used.
    /// </summary>
    public bool IsUsedOnLoop => IsKeptToLoop && !IsTransportReplaced;

    /// <summary>True on the loop's thread.</summary>
    public bool IsOnLoop => IsUsedOnLoop || Loop.IsCurrent;

    /// <summary>No send has found the socket full since the last edge.</summary>
    public bool IsWritable { get; set; }

    public bool IsClosed => _isClosed;

    /// <summary>True when nothing that is written will ever arrive.</summary>
    public bool IsOutputGone => _isClosed || Peer == PeerState.Gone;

    public override EndPoint? RemoteEndPoint
    {
        get => base.RemoteEndPoint ??= _remote.ToEndPoint();
        set => base.RemoteEndPoint = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => base.LocalEndPoint ??= FindLocalEndPoint();
        set => base.LocalEndPoint = value;
    }

    /// <summary>
    /// Starts to receive events; false when the kernel refuses, then the descriptor is closed. Loop thread.
    /// </summary>
    public bool TryRegister()
    {
        _slot = _engine.Add(_fd, this, Interest);
        if (_slot >= 0) return true;
        CloseDescriptor();
        return false;
    }

    /// <summary>Takes over the registration of a pending connect, and the events that ended it.</summary>
    public void AdoptRegistration(int slot, uint events)
    {
        _slot = slot;
        _engine.Replace(slot, this);
        NoteEvents(events);
    }

    public void OnReady(uint events)
    {
        NoteEvents(events);
        if (_closer is not null)
        {
            _closer.Step();
            return;
        }
        // Each of these may run the handler, which may close the connection.
        if (IsReadable) RunReader();
        if (IsWritable && !_isClosed) RunWriter();
        if (_isClosed || _closer is not null) return;
        if ((events & (EpollEvents.PeerHangUp | Broken)) != 0) ReportPeer();
    }

    public void OnLoopEnd() => CloseDescriptor();

    public override bool CanHalfClose => !IsTransportReplaced;

    public override bool CanSplice(LoopConnection other) =>
        other is EpollConnection connection && ReferenceEquals(connection._engine, _engine) && !IsTransportReplaced &&
        !connection.IsTransportReplaced && _engine.Pipes.IsAvailable();

    public override ValueTask<FlushResult> FlushSoonAsync() =>
        IsTransportReplaced ? Transport.Output.FlushAsync() : _writer.FlushSoonAsync();

    // What comes through somebody else's pipe is not what the socket receives.
    public override void OfferInputTo(IInputTaker? taker) => _reader.Taker = IsTransportReplaced ? null : taker;

    public override int SendNow(ReadOnlySpan<byte> bytes) => IsTransportReplaced ? 0 : _writer.SendNow(bytes);

    public override ValueTask<long> SpliceToAsync(LoopConnection destination, long count)
    {
        var target = (EpollConnection)destination;
        if (!Loop.IsCurrent || !_reader.IsIdle || !target._writer.IsIdle)
            throw new InvalidOperationException("A splice needs the loop's thread and empty buffers.");
        return _engine.Pipes.RentTransfer().Start(this, _reader, target, target._writer, count);
    }

    public override bool TakeSpliceProgress() => _reader.Transfer is { } transfer && transfer.TakeProgress();

    public override void Reset()
    {
        if (!Loop.IsCurrent)
        {
            Loop.Post(s_reset, this);
            return;
        }
        if (_isClosed) return;
        SetLingerZero();
        CloseDescriptor();
    }

    public override void Close()
    {
        if (!Loop.IsCurrent)
        {
            Loop.Post(s_close, this);
            return;
        }
        if (_isClosed || _closer is not null) return;
        Watcher = null;
        bool hasUnread = _reader.HasKept || InputExpected;
        bool hasEnded = _reader.HasEnded;
        CancelTransfers();
        _reader.OnClosing();
        // The usual end: the peer closed first, and has been told everything.
        if (!hasUnread && hasEnded && _writer.TryDrain()) CloseDescriptor();
        else new EpollCloser(this, _writer).Start(hasUnread, hasEnded);
    }

    public override void EndService()
    {
        _isServed = true;
        _listener!.Leave(in _remote);
        _reader.Complete();
        _writer.Complete();
        // What was posted before may still mean this client.
        if (_isClosed) Loop.Post(s_recycle, this);
    }

    public override void PassOn() => _listener!.Offer(this);

    public override void Abort(ConnectionAbortedException abortReason) => Reset();

    /// <summary>Closes, and ends once the descriptor is closed. Nobody looks at the buffers any more.</summary>
    public override ValueTask DisposeAsync()
    {
        if (Loop.IsCurrent) return DisposeOnLoop();
        // A loop that has ended has closed what it had.
        return _isReleased || _engine.IsDisposed ? default : DisposeLater();
    }

    /// <summary>Sends FIN, once. Loop thread.</summary>
    public void ShutdownOutput()
    {
        if (_isClosed || _outputShutDown) return;
        _outputShutDown = true;
        LibC.Shutdown(_fd, LibC.ShutdownWrite);
    }

    /// <summary>A read came upon the peer's FIN. The watcher hears of it with the edge that belongs to it.</summary>
    public void OnInputEnd()
    {
        if (Peer == PeerState.Open) Peer = PeerState.HalfClosed;
        SignalClosed();
    }

    /// <summary>A FIN came, and nothing of what was received before it is left with the reader.</summary>
    public void OnInputConsumed()
    {
        if (HasClosedListeners && IsAtEnd()) SignalClosed();
    }

    /// <summary>A system call found the connection dead.</summary>
    public void OnBroken()
    {
        Peer = PeerState.Gone;
        IsReadable = true;
        IsInputEnding = true;
        SignalClosed();
    }

    /// <summary>The close sequence begins: events go there.</summary>
    public void BeginClosing(EpollCloser closer) => _closer = closer;

    public void SetLingerZero()
    {
        // struct linger { on, seconds }: close sends RST and drops what is queued.
        ulong linger = BitConverter.IsLittleEndian ? 1UL : 1UL << 32;
        unsafe
        {
            LibC.SetOption(_fd, LibC.LevelSocket, LibC.OptionLinger, &linger, sizeof(ulong));
        }
    }

    /// <summary>The end: nothing uses the descriptor after this. Waits end by post, never inside the caller.</summary>
    public void CloseDescriptor()
    {
        if (_isClosed) return;
        _isClosed = true;
        if (_slot >= 0) _engine.Remove(_slot);
        LibC.Close(_fd);
        _fd = -1;
        Peer = PeerState.Gone;
        Watcher = null;
        CancelTransfers();
        _reader.OnClosing();
        _writer.OnClosed();
        _closer?.OnClosed();
        SignalClosed();
        _isReleased = _reader.HoldsNothing && _writer.HoldsNothing;
        if (_isServed) Loop.Post(s_recycle, this);
    }

    /// <summary>
    /// As new, for another client. Everything here belongs to the loop, and whoever served the last one has let go: the
    /// service has ended, its events are of a slot's former generation, and what was posted has run.
    /// </summary>
    public void Renew(int fd, in SocketName remote, LoopListener listener)
    {
        RenewFeatures();
        _closer = null;
        _slot = -1;
        _reported = Peer = PeerState.Open;
        _outputShutDown = _isClosed = _isReleased = _isServed = false;
        IsReadable = IsInputEnding = IsKeptToLoop = InputExpected = false;
        ReceiveHint = 0;
        base.RemoteEndPoint = base.LocalEndPoint = null;
        _reader.Renew();
        _writer.Renew();
        Begin(fd, in remote, listener);
    }

    protected override string NewId() =>
        string.Create(null, stackalloc char[32], $"{_engine.Loop.Index}-{_serial:X}");

    private static void Forward(ValueTask closed, TaskCompletionSource disposed)
    {
        if (closed.IsCompleted) disposed.TrySetResult();
        else closed.GetAwaiter().UnsafeOnCompleted(disposed.SetResult);
    }

    // Apart, so that only here a closure is allocated.
    private ValueTask DisposeLater()
    {
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(_ => Forward(DisposeOnLoop(), disposed), state: null);
        return new ValueTask(disposed.Task);
    }

    private ValueTask DisposeOnLoop()
    {
        Close();
        _reader.Complete();
        _writer.Complete();
        return _isClosed ? default : new ValueTask(_closer!.Closed);
    }

    private void NoteEvents(uint events)
    {
        if ((events & (EpollEvents.PeerHangUp | Broken)) != 0)
        {
            IsInputEnding = true;
            // Hung up with nothing broken, after our own FIN: the peer's has come, and what it sent before can be read.
            bool isGone = (events & Broken) != 0 && !(_outputShutDown && (events & EpollEvents.Error) == 0);
            if (isGone) Peer = PeerState.Gone;
            else if (Peer == PeerState.Open) Peer = PeerState.HalfClosed;
        }
        if ((events & (EpollEvents.In | EpollEvents.PeerHangUp | Broken)) != 0) IsReadable = true;
        if ((events & (EpollEvents.Out | Broken)) != 0) IsWritable = true;
    }

    private void RunReader()
    {
        if (_reader.Transfer is { } transfer) transfer.Run();
        else _reader.OnReadable();
    }

    private void RunWriter()
    {
        if (_writer.Transfer is { } transfer) transfer.Run();
        else _writer.OnWritable();
    }

    private void ReportPeer()
    {
        if (Peer == PeerState.Gone) SignalClosed();
        else OnInputConsumed();
        if (_reported == Peer) return;
        _reported = Peer;
        Watcher?.OnPeerChanged(this);
    }

    // A FIN behind input that is still to be read is not the end for Kestrel's protocols: they would drop the request.
    private unsafe bool IsAtEnd()
    {
        byte ignored;
        return !_reader.HasKept && LibC.Receive(_fd, &ignored, 1, LibC.MessagePeek) == 0;
    }

    private void CancelTransfers()
    {
        _reader.Transfer?.Cancel();
        _writer.Transfer?.Cancel();
    }

    // A listener of one address knows it; one of all addresses has to ask the kernel.
    private EndPoint? FindLocalEndPoint()
    {
        if (_listener is null) return SocketName.LocalOf(_fd);
        bool isEvery = _listener.EndPoint is IPEndPoint ip &&
            (ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any));
        return isEvery ? SocketName.LocalOf(_fd) : _listener.EndPoint;
    }

    private void Begin(int fd, in SocketName remote, LoopListener? listener)
    {
        _fd = fd;
        _remote = remote;
        _listener = listener;
        _serial = _engine.NextSerial++;
        // A fresh socket has room; that it has input, the first edge says.
        IsWritable = true;
    }

    /// <summary>Gives the object to the next client, if nothing of this one is left in it.</summary>
    private void Recycle()
    {
        // Not before the turn's sends have been looked at.
        if (_writer.IsQueued) Loop.Post(s_recycle, this);
        else if (HasOnlyOwnFeatures && _reader.IsAtRest && _writer.IsAtRest) _engine.Return(this);
    }
}
