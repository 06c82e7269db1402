using DataPlane.Gateway.Transport;
using DataPlane.Http.Bodies;

namespace DataPlane.Gateway.Pipeline;

/// <summary>The body of a request as runs of bytes, whatever framing carried it. Loop thread; 0 bytes.</summary>
public abstract class RequestBody
{
    /// <summary>No body at all: <see cref="ReadAsync"/> answers End at once.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>Bytes announced by Content-Length, or -1.</summary>
    public abstract long Length { get; }

    /// <summary>True once any byte was handed out: the exchange can no longer be repeated.</summary>
    public abstract bool IsTouched { get; }

    /// <summary>
    /// What may be passed on of the trailers, once <see cref="ReadAsync"/> has answered End; null when there were none.
    /// Valid for the exchange.
    /// </summary>
    public virtual TrailerFields? Trailers => null;

    /// <summary>
    /// The next run; its memory is valid until <see cref="Advance"/>, and holds the transport's buffer until then.
    /// </summary>
    public abstract ValueTask<BodyRead> ReadAsync();

    /// <summary>Gives back the run last read.</summary>
    public abstract void Advance();

    /// <summary>Gives up the transport's buffer before a wait that is not for this body.</summary>
    public abstract void Park();

    /// <summary>Ends a pending <see cref="ReadAsync"/> with <see cref="BodyStatus.Cancelled"/>.</summary>
    public abstract void CancelRead();

    /// <summary>
    /// Lets <paramref name="taker"/> take the bytes of a tunnel before the read that waits for them, as <see
    /// cref="LoopConnection.OfferInputTo"/>; they are not counted here then.
    /// </summary>
    public virtual void OfferTo(IInputTaker? taker)
    {
    }
}
