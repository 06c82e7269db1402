using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// One move of bytes between two sockets through a kernel pipe. Fills the pipe only when it is empty and then empties
/// it, so that "try again" while filling can only mean that the source is drained, and a pipe is empty whenever the
/// transfer ends well. Reused by its loop; 0 bytes allocated.
/// </summary>
internal sealed class SpliceTransfer : IValueTaskSource<long>
{
    private static readonly SendOrPostCallback s_resume = static state =>
    {
        var transfer = (SpliceTransfer)state!;
        transfer._isPosted = false;
        if (transfer._pipe is not null) transfer.Run();
    };

    private readonly KernelPipes _pipes;
    private LoopSignal _signal;
    private EpollConnection? _source;
    private EpollConnection? _destination;
    private EpollPipeReader? _reader;
    private EpollPipeWriter? _writer;
    private KernelPipe? _pipe;
    private long _remaining;
    private long _remainingSeen;
    private long _moved;
    private int _inPipe;
    private int _turn;
    private int _fillsThisTurn;
    private bool _sourceEnded;
    private bool _isPosted;

    public SpliceTransfer(KernelPipes pipes) => _pipes = pipes;

    public ValueTask<long> Start(
        EpollConnection source, EpollPipeReader reader, EpollConnection destination, EpollPipeWriter writer, long count)
    {
        _pipe = _pipes.TryRent() ?? throw new IOException("No descriptors are left for a splice pipe.");
        _source = source;
        _destination = destination;
        _reader = reader;
        _writer = writer;
        _remaining = _remainingSeen = count;
        _moved = 0;
        _inPipe = 0;
        _sourceEnded = reader.HasEnded;
        if (!TryMove())
        {
            reader.Transfer = this;
            writer.Transfer = this;
            return new ValueTask<long>(this, _signal.Version);
        }
        long moved = _moved;
        Detach();
        _pipes.Return(this);
        return new ValueTask<long>(moved);
    }

    /// <summary>Either end became ready. Top of the loop only: may run the waiter.</summary>
    public void Run()
    {
        if (!TryMove()) return;
        Detach();
        _signal.Complete();
    }

    /// <summary>See <see cref="LoopConnection.TakeSpliceProgress"/>.</summary>
    public bool TakeProgress()
    {
        bool hasMoved = _remaining != _remainingSeen;
        _remainingSeen = _remaining;
        return hasMoved || _inPipe > 0;
    }

    /// <summary>Ends the transfer where it stands; what is in the pipe is lost. The waiter runs later.</summary>
    public void Cancel()
    {
        var loop = _source!.Loop;
        // Bytes taken from the source and not delivered tear the stream.
        if (_inPipe > 0) _destination!.OnBroken();
        Detach();
        _signal.CompleteLater(loop);
    }

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _signal.StatusOf(token);

    void IValueTaskSource<long>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        // A transfer is awaited on its loop, so it cannot have ended between the status and this call.
        _signal.OnCompleted(continuation, state, token, Loops.EventLoop.Current!);
    }

    long IValueTaskSource<long>.GetResult(short token)
    {
        _signal.End(token);
        long moved = _moved;
        // A resume that is still posted must find this transfer, not its next use.
        if (!_isPosted) _pipes.Return(this);
        return moved;
    }

    /// <summary>True when the transfer is over.</summary>
    private bool TryMove()
    {
        while (true)
        {
            if (_inPipe > 0)
            {
                if (_destination!.IsOutputGone) return true;
                if (!_destination.IsWritable) return false;
                Empty();
            }
            else
            {
                if (_remaining == 0 || _sourceEnded || _destination!.IsOutputGone) return true;
                if (!_source!.IsReadable || !MayFillThisTurn()) return false;
                Fill();
            }
        }
    }

    private unsafe void Fill()
    {
        nint asked = (nint)Math.Min(_remaining, _pipe!.Capacity);
        nint filled = LibC.Splice(
            _source!.Descriptor, null, _pipe.WriteEnd, null, asked, LibC.SpliceMove | LibC.SpliceNonBlocking);
        if (filled > 0)
        {
            _inPipe = (int)filled;
            _remaining -= filled;
        }
        else if (filled == 0)
        {
            _sourceEnded = true;
            _source.OnInputEnd();
        }
        else if (LibC.LastError == Errno.Again)
        {
            _source.IsReadable = false;
        }
        else if (LibC.LastError != Errno.Interrupted)
        {
            _sourceEnded = true;
            _source.OnBroken();
        }
    }

    private unsafe void Empty()
    {
        nint emptied = LibC.Splice(
            _pipe!.ReadEnd, null, _destination!.Descriptor, null, _inPipe, LibC.SpliceMove | LibC.SpliceNonBlocking);
        if (emptied > 0)
        {
            _inPipe -= (int)emptied;
            _moved += emptied;
        }
        else if (emptied < 0 && LibC.LastError == Errno.Again)
        {
            _destination.IsWritable = false;
        }
        else if (emptied == 0 || LibC.LastError != Errno.Interrupted)
        {
            _destination.OnBroken();
        }
    }

    // A transfer as fast as memory must leave the loop to the others from time to time.
    private bool MayFillThisTurn()
    {
        int turn = _source!.Engine.Turn;
        if (_turn != turn)
        {
            _turn = turn;
            _fillsThisTurn = 0;
        }
        if (_fillsThisTurn++ < TransportLimits.SplicesPerTurn) return true;
        if (!_isPosted)
        {
            _isPosted = true;
            _source.Loop.Post(s_resume, this);
        }
        return false;
    }

    private void Detach()
    {
        if (_inPipe == 0) _pipes.Return(_pipe!);
        else _pipe!.Dispose();
        _pipe = null;
        _reader!.Transfer = null;
        _writer!.Transfer = null;
        _source = null;
        _destination = null;
        _reader = null;
        _writer = null;
    }
}
