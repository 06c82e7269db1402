namespace DataPlane.Gateway.Loops;

/// <summary>
/// One deadline of a connection, an upstream exchange or a pool; lives as long as its owner. Only its loop's thread may
/// touch it. Moving the deadline later is a field write: the wheel finds out when the old slot comes up.
/// </summary>
public sealed class LoopTimer(ILoopTimerTarget target)
{
    internal LoopTimer? Next;
    internal LoopTimer? Previous;

    /// <summary>The slot the timer is linked in, or -1.</summary>
    internal int Slot = -1;

    /// <summary>The tick of the linked slot; at most <see cref="DueMs"/>.</summary>
    internal long SlotMs;

    /// <summary>Loop time in milliseconds at which the target is called; 0 when the timer is off.</summary>
    public long DueMs { get; internal set; }

    public bool IsSet => DueMs != 0;

    internal void Fire() => target.OnTimer(this);
}
