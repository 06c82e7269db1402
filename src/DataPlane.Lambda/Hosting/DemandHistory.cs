namespace DataPlane.Lambda.Hosting;

/// <summary>
/// How many environments each minute of the last hour needed: what comes at the same minute of every hour finds them
/// started. One thread; 0 bytes.
/// </summary>
internal sealed class DemandHistory
{
    private const int HourMinutes = 60;
    private const int MinuteMs = 60_000;

    /// <summary>Starts are over when the minute begins.</summary>
    private const int AheadMs = 15_000;

    // A few minutes more than the hour: this minute must not take the place of its own predecessor.
    private readonly int[] _needs = new int[64];
    private long _minute = -1;

    /// <summary>So many were needed now. Times never go back; the first call sets the first minute.</summary>
    public void Note(long nowMs, int needed)
    {
        long minute = nowMs / MinuteMs;
        if (_minute < 0) _minute = minute;
        // A minute in which nobody asked needed none.
        long first = Math.Max(_minute + 1, minute - _needs.Length + 1);
        for (long passed = first; passed <= minute; passed++) _needs[passed % _needs.Length] = 0;
        _minute = minute;
        ref int most = ref _needs[minute % _needs.Length];
        most = Math.Max(most, needed);
    }

    /// <summary>What this minute needed an hour ago, or the next one, when it is about to begin.</summary>
    public int Expected(long nowMs) => Math.Max(At(nowMs / MinuteMs), At((nowMs + AheadMs) / MinuteMs));

    private int At(long minute)
    {
        long before = minute - HourMinutes;
        bool isKept = _minute >= 0 && before >= 0 && before <= _minute && before > _minute - _needs.Length;
        return isKept ? _needs[before % _needs.Length] : 0;
    }
}
