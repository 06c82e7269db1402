using DataPlane.Http.Bodies;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// The only door to the client: runs the response policies, fixes the framing, writes the head in one place and carries
/// back-pressure. HTTP/1.1 and HTTP/2 are two sinks. Loop thread; 0 bytes.
/// </summary>
public abstract class ResponseSink
{
    /// <summary>The head has been written: another answer is no longer possible.</summary>
    public bool IsStarted { get; protected set; }

    /// <summary>Why a write answered false: the client went away, or read too slowly.</summary>
    public ExchangeOutcome Failure { get; protected set; }

    /// <summary>Head and body bytes written so far.</summary>
    public long BytesSent { get; protected set; }

    /// <summary>
    /// Runs the response policies over <see cref="Exchange.Response"/> and buffers the head. Once per exchange.
    /// </summary>
    public abstract void Start();

    /// <summary>Buffers body bytes of a local reply, which are few: nothing waits.</summary>
    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Buffers or sends a run of body bytes; the memory is free again when the task is done. False when the client can
    /// no
    /// longer be reached (or was too slow): stop producing.
    /// </summary>
    public abstract ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Sends what is buffered now: before a wait, and per event of a stream.</summary>
    public abstract ValueTask<bool> FlushAsync();

    /// <summary>Ends the body. False when the client could not be reached.</summary>
    public abstract ValueTask<bool> CompleteAsync();

    /// <summary>
    /// Where trailers go between <see cref="Start"/> and <see cref="CompleteAsync"/>; null when the client takes none:
    /// HTTP/1.1 without <c>TE: trailers</c> or with a response that is not chunked.
    /// </summary>
    public virtual TrailerFields? Trailers => null;

    /// <summary>
    /// Adds a trailer, to be sent behind the body. False when it is left out: the client takes none, or it may not be
    /// one. After <see cref="Start"/>; 0 bytes once the sink has sent trailers before.
    /// </summary>
    public bool WriteTrailer(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Trailers is { } trailers && trailers.TryAdd(name, value);

    /// <summary>What an outcome becomes when its response did not reach the client.</summary>
    public ExchangeOutcome Unsent(ExchangeOutcome outcome)
    {
        if (outcome is not (ExchangeOutcome.Completed or ExchangeOutcome.LocalReply)) return outcome;
        return Failure == ExchangeOutcome.Completed ? ExchangeOutcome.ClientAborted : Failure;
    }

    /// <summary>Breaks the response off: the client sees a truncated message, never a complete one.</summary>
    public abstract void Abort();

    /// <summary>
    /// Moves body bytes inside the kernel from <paramref name="source"/>; 0 when this sink cannot, else like
    /// <see cref="Transport.LoopConnection.SpliceToAsync"/>.
    /// </summary>
    public virtual ValueTask<long> SpliceAsync(Transport.LoopConnection source, long count) => new(0L);

    /// <summary>True when <see cref="SpliceAsync"/> works for this source: cleartext both ways, length known.</summary>
    public virtual bool CanSplice(Transport.LoopConnection source) => false;

    /// <summary>
    /// True when this exchange may leave HTTP: the protocol knows how, and the connection is not about to close.
    /// </summary>
    public virtual bool CanTunnel => false;

    /// <summary>
    /// Makes the exchange a tunnel, instead of <see cref="Start"/>: buffers the head that says so. From then on
    /// <see cref="Exchange.Body"/> is what the client sends until its FIN, without bounds and times, and what is
    /// written goes out as it is. <see cref="Exchange.Upgrade"/> knows the tunnel, which the connection may drain from
    /// now on. False when the client is gone.
    /// </summary>
    public virtual ValueTask<bool> StartTunnelAsync() => throw new NotSupportedException();

    /// <summary>
    /// Tells the client that no more bytes follow, while it may still send. False when it is gone, or cannot be told
    /// this without ending both directions.
    /// </summary>
    public virtual ValueTask<bool> EndTunnelAsync() => throw new NotSupportedException();

    /// <summary>As <see cref="FlushAsync"/>, but sending may wait for the end of the loop's turn.</summary>
    public virtual ValueTask<bool> FlushSoonAsync() => FlushAsync();

    protected void ResetSink()
    {
        IsStarted = false;
        BytesSent = 0;
        Failure = ExchangeOutcome.Completed;
    }
}
