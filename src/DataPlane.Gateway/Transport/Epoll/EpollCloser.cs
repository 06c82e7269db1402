using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// Closes a connection so that its last bytes arrive: waits for the kernel to take them, sends FIN, and, when the peer
/// was still sending, reads and drops for a while, because closing a socket with unread input sends an RST that
/// destroys what the peer has not read yet (RFC 9112, 9.6). Each step is bounded.
/// </summary>
internal sealed class EpollCloser : ILoopTimerTarget
{
    private readonly EpollConnection _connection;
    private readonly EpollPipeWriter _writer;
    private LoopTimer? _timer;
    private TaskCompletionSource? _closed;
    private bool _mustLinger;
    private bool _inputEnded;
    private bool _lingers;
    private int _dropped;

    public EpollCloser(EpollConnection connection, EpollPipeWriter writer)
    {
        _connection = connection;
        _writer = writer;
    }

    /// <summary>Ends when the descriptor is closed.</summary>
    public Task Closed
    {
        get
        {
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_connection.IsClosed) _closed.TrySetResult();
            return _closed.Task;
        }
    }

    public void Start(bool mustLinger, bool inputEnded)
    {
        _mustLinger = mustLinger;
        _inputEnded = inputEnded;
        _connection.BeginClosing(this);
        Step();
        if (!_connection.IsClosed && !_lingers) SetTimer(TransportLimits.FlushOnCloseMs);
    }

    /// <summary>Goes on as far as the socket lets it.</summary>
    public void Step()
    {
        if (_connection.IsClosed || !_writer.TryDrain()) return;
        if (!_connection.IsOutputGone && !_inputEnded && DropInput() && (_mustLinger || _dropped > 0))
        {
            if (!_lingers)
            {
                _lingers = true;
                _connection.ShutdownOutput();
                SetTimer(TransportLimits.LingerMs);
            }
            return;
        }
        _connection.CloseDescriptor();
    }

    public void OnTimer(LoopTimer timer)
    {
        // What a peer does not take within the time is not waited for: RST frees the kernel's buffers, too.
        if (!_lingers) _connection.SetLingerZero();
        _connection.CloseDescriptor();
    }

    public void OnClosed()
    {
        if (_timer is not null) _connection.Loop.Timers.Cancel(_timer);
        _closed?.TrySetResult();
    }

    /// <summary>Reads and drops what is there: false when the input has ended or was more than the limit.</summary>
    private unsafe bool DropInput()
    {
        byte[] scratch = _connection.Engine.Lend(borrower: null);
        while (_connection.IsReadable && _dropped < TransportLimits.LingerBytes)
        {
            nint received;
            fixed (byte* start = scratch)
                received = LibC.Receive(_connection.Descriptor, start, scratch.Length, 0);
            if (received > 0) _dropped += (int)received;
            else if (received < 0 && LibC.LastError == Errno.Again) _connection.IsReadable = false;
            else if (received == 0 || LibC.LastError != Errno.Interrupted) return false;
        }
        return _dropped < TransportLimits.LingerBytes;
    }

    private void SetTimer(int afterMs)
    {
        _timer ??= new LoopTimer(this);
        _connection.Loop.Timers.Set(_timer, _connection.Loop.NowMs + afterMs);
    }
}
