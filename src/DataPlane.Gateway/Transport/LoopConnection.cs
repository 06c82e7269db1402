using System.IO.Pipelines;
using DataPlane.Gateway.Loops;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// A connection that lives on one loop, of a client or of an upstream. <see cref="ConnectionContext.Transport"/> is
/// used on the loop's thread only; its waits complete there. No exceptions for what a peer does: after a reset a read
/// is completed and empty, a flush is completed, and <see cref="Peer"/> says why.
/// </summary>
public abstract class LoopConnection(EventLoop loop) : ConnectionContext
{
    // Not virtual: it is asked for a dozen times per exchange.
    public EventLoop Loop { get; } = loop;

    public virtual PeerState Peer { get; protected set; }

    /// <summary>Told about <see cref="Peer"/> changes from now on; null to stop. One at a time.</summary>
    public IPeerWatcher? Watcher { get; set; }

    /// <summary>
    /// What is received while a read waits goes to <paramref name="taker"/> first, from now on; null for nobody. A
    /// transport may offer nothing. Loop thread.
    /// </summary>
    public virtual void OfferInputTo(IInputTaker? taker)
    {
    }

    /// <summary>
    /// Promised by who uses the connection: until it is taken back, only the loop's thread reads, writes and awaits.
    /// Spares <see cref="ConnectionContext.Transport"/> to ask for the thread with every call. Loop thread.
    /// </summary>
    public bool IsKeptToLoop { get; set; }

    /// <summary>
    /// Most bytes the next receive asks of the kernel, 0 for as many as fit. Small while the head of a large body is
    /// awaited, so that most of the body stays in the kernel, where it can be spliced.
    /// </summary>
    public int ReceiveHint { get; set; }

    /// <summary>
    /// Set before <see cref="Close"/> when the peer is still sending what nobody will read (an early answer to an
    /// upload): the close then drops input for a while, so that an RST does not destroy the answer (RFC 9112, 9.6).
    /// </summary>
    public bool InputExpected { get; set; }

    /// <summary>
    /// True when completing the output sends FIN and leaves the input alone; else it ends the connection.
    /// </summary>
    public virtual bool CanHalfClose => false;

    /// <summary>True when bytes can go between this and <paramref name="other"/> inside the kernel.</summary>
    public virtual bool CanSplice(LoopConnection other) => false;

    /// <summary>
    /// Moves up to <paramref name="count"/> bytes from this connection's socket to <paramref name="destination"/>'s
    /// without passing through the process. Call only with nothing buffered in either. Returns the bytes moved: fewer
    /// only when an end closed, broke, or had its pending read or flush cancelled. 0 bytes allocated.
    /// </summary>
    public virtual ValueTask<long> SpliceToAsync(LoopConnection destination, long count) =>
        throw new NotSupportedException();

    /// <summary>
    /// True when a splice from here has taken bytes since this was asked last, or waits for its destination: the source
    /// is not the one that keeps it waiting. For timers; loop thread.
    /// </summary>
    public virtual bool TakeSpliceProgress() => false;

    /// <summary>
    /// As a flush of <see cref="ConnectionContext.Transport"/>, but where the transport can, sending waits for the end
    /// of
    /// the loop's turn: done at once, unless the socket is full. For messages whose sender has nothing left to say.
    /// What fails then shows with the next read or write. Loop thread.
    /// </summary>
    public virtual ValueTask<FlushResult> FlushSoonAsync() => Transport.Output.FlushAsync();

    /// <summary>
    /// Sends at once, or, small messages, at the end of the turn where that takes one call for all of them, and answers
    /// how many bytes were taken: 0 when others wait in front of them, when there is no room, or when the transport
    /// cannot. Loop thread; 0 bytes.
    /// </summary>
    public virtual int SendNow(ReadOnlySpan<byte> bytes) => 0;

    /// <summary>
    /// The end of what an <see cref="IClientServer"/> does with it, after <see cref="Close"/> or <see cref="Reset"/>:
    /// the object is the transport's again, and may be another client's soon. Loop thread.
    /// </summary>
    public virtual void EndService() => throw new NotSupportedException();

    /// <summary>
    /// Kestrel shall serve it: the end of what an <see cref="IClientServer"/> does with it. Loop thread.
    /// </summary>
    public virtual void PassOn() => throw new NotSupportedException();

    /// <summary>Flushes nothing, drops everything: RST where the kernel can. Loop thread.</summary>
    public abstract void Reset();

    /// <summary>
    /// Closes after what was flushed has been handed to the kernel. Waits end as completed, after the caller's turn.
    /// The
    /// bytes of a read that was not advanced stay valid, and reserved, until it is or the reader is completed. The same
    /// holds for <see cref="Reset"/>. Loop thread.
    /// </summary>
    public abstract void Close();
}
