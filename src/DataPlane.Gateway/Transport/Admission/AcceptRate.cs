namespace DataPlane.Gateway.Transport.Admission;

/// <summary>
/// Spreads accepts evenly, with a tenth of a second's worth at once. Any thread; lock-free; 0 bytes. Loops that ask in
/// the same moment may all be let through. Source: GCRA, ITU-T I.371.
/// </summary>
internal sealed class AcceptRate(TimeProvider time)
{
    private const double BurstSeconds = 0.1;

    // When the next accept would be due if all so far had come evenly.
    private long _dueTicks;

    /// <summary>Milliseconds until the next accept; 0 for now.</summary>
    public int RestMs(double perSecond)
    {
        if (perSecond <= 0) return 0;
        long ahead = Volatile.Read(ref _dueTicks) - time.GetTimestamp() + IntervalOf(perSecond) - BurstOf(perSecond);
        long frequency = time.TimestampFrequency;
        return ahead <= 0 ? 0 : (int)Math.Min(1000, (ahead * 1000 + frequency - 1) / frequency);
    }

    public void Count(double perSecond)
    {
        if (perSecond <= 0) return;
        long now = time.GetTimestamp();
        long due;
        do due = Volatile.Read(ref _dueTicks);
        while (Interlocked.CompareExchange(ref _dueTicks, Math.Max(due, now) + IntervalOf(perSecond), due) != due);
    }

    private long IntervalOf(double perSecond) => Math.Max(1, (long)(time.TimestampFrequency / perSecond));

    private long BurstOf(double perSecond) =>
        Math.Max(IntervalOf(perSecond), (long)(time.TimestampFrequency * BurstSeconds));
}
