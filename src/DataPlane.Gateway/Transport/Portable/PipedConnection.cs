using System.IO.Pipelines;
using DataPlane.Gateway.Loops;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Portable;

/// <summary>
/// A connection over somebody else's pipes, given the manners of a loop's: waits end on the loop's thread, and what a
/// peer does is a result instead of an exception. May allocate.
/// </summary>
internal abstract class PipedConnection : LoopConnection, IDuplexPipe
{
    private readonly LoopPipeReader _reader;
    private readonly LoopPipeWriter _writer;
    private IDuplexPipe? _replacedTransport;

    protected PipedConnection(EventLoop loop, IDuplexPipe inner)
        : base(loop)
    {
        _reader = new LoopPipeReader(this, inner.Input);
        _writer = new LoopPipeWriter(this, inner.Output);
    }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    public override IDuplexPipe Transport
    {
        get => _replacedTransport ?? this;
        set => _replacedTransport = ReferenceEquals(value, this) ? null : value;
    }

    /// <summary>True once <see cref="Close"/> or <see cref="Reset"/> was called on this side.</summary>
    public bool IsClosed { get; private set; }

    public bool IsOutputGone => IsClosed || Peer == PeerState.Gone;

    public sealed override void Reset()
    {
        if (!Loop.IsCurrent)
        {
            Loop.Post(static state => ((PipedConnection)state!).Reset(), this);
            return;
        }
        if (IsClosed) return;
        IsClosed = true;
        ResetInner();
        End();
    }

    public sealed override void Close()
    {
        if (!Loop.IsCurrent)
        {
            Loop.Post(static state => ((PipedConnection)state!).Close(), this);
            return;
        }
        if (IsClosed) return;
        IsClosed = true;
        CloseInner();
        End();
    }

    public override void Abort(ConnectionAbortedException abortReason) => Reset();

    /// <summary>The reader came upon the end of input, or of the connection.</summary>
    public void OnInputEnd(bool isBroken) => SetPeer(isBroken ? PeerState.Gone : PeerState.HalfClosed);

    /// <summary>The writer found nobody there.</summary>
    public void OnOutputGone() => SetPeer(PeerState.Gone);

    /// <summary>The writer was completed: the peer is to see the end of input.</summary>
    public virtual void OnOutputCompleted()
    {
    }

    /// <summary>This side is closed and nobody looks at its input any more. May be called more than once.</summary>
    public abstract void ReleaseInner();

    /// <summary>Breaks both directions off.</summary>
    protected abstract void ResetInner();

    /// <summary>Ends the output after what was flushed.</summary>
    protected abstract void CloseInner();

    /// <summary>True when the input can be seen to have been broken off. Loop thread.</summary>
    protected bool IsInputBroken() => _reader.IsBroken();

    /// <summary>Only ever forward; tells the watcher, not from inside the call that found out.</summary>
    protected void SetPeer(PeerState state)
    {
        if (state <= Peer) return;
        Peer = state;
        Loop.Post(static connection => ((PipedConnection)connection!).TellWatcher(), this);
    }

    private void TellWatcher()
    {
        if (!IsClosed) Watcher?.OnPeerChanged(this);
    }

    private void End()
    {
        Watcher = null;
        _reader.OnClosed();
        _writer.OnClosed();
    }
}
