namespace DataPlane.Gateway.Recording.Messages;

/// <summary>
/// How often one message may still be written in this interval. Any thread; lock-free. Races: who begins an interval is
/// settled by one exchange; a thread that counts at that moment may count in either interval, so that a message may be
/// written once more or less than allowed.
/// </summary>
internal sealed class MessageBudget(string category, int eventId)
{
    private long _intervalStart = long.MinValue / 2;
    private int _written;
    private long _suppressed;
    private long _totalSuppressed;

    public string Category => category;

    public int Event => eventId;

    public long TotalSuppressed => Volatile.Read(ref _totalSuppressed);

    /// <summary>
    /// True when the message is to be written; <paramref name="suppressed"/> says how many before it were not.
    /// </summary>
    public bool TryTake(long nowTicks, out long suppressed)
    {
        suppressed = 0;
        long start = Volatile.Read(ref _intervalStart);
        bool isOver = nowTicks - start >= RecordingLimits.MessageInterval.Ticks;
        if (isOver && Interlocked.CompareExchange(ref _intervalStart, nowTicks, start) == start)
        {
            Volatile.Write(ref _written, 1);
            suppressed = Interlocked.Exchange(ref _suppressed, 0);
            return true;
        }
        if (Interlocked.Increment(ref _written) <= RecordingLimits.MessagesPerInterval) return true;
        Interlocked.Increment(ref _suppressed);
        Interlocked.Increment(ref _totalSuppressed);
        return false;
    }

    /// <summary>How many were left out in an interval that is over, once.</summary>
    public long TakeSuppressed(long nowTicks)
    {
        bool isOver = nowTicks - Volatile.Read(ref _intervalStart) >= RecordingLimits.MessageInterval.Ticks;
        return isOver && Volatile.Read(ref _suppressed) > 0 ? Interlocked.Exchange(ref _suppressed, 0) : 0;
    }
}
