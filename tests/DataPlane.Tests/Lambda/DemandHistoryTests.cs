using DataPlane.Lambda.Hosting;

namespace DataPlane.Tests.Lambda;

/// <summary>What the last hour tells about the next minute.</summary>
public sealed class DemandHistoryTests
{
    private const long Minute = 60_000;
    private const long Start = 1_000_000 * Minute;

    private readonly DemandHistory _history = new();

    [Fact]
    public void NothingKnown_ExpectsNothing() => Assert.Equal(0, _history.Expected(Start));

    [Fact]
    public void PeakOfAnHourAgo_IsExpectedFromShortlyBeforeUntilItsMinuteEnds()
    {
        Run(0, 61, minute => minute == 5 ? 12 : 1);
        long again = Start + 65 * Minute;
        Assert.Equal(1, _history.Expected(again - 16_000));
        Assert.Equal(12, _history.Expected(again - 15_000));
        Note(again, 2);
        Assert.Equal(12, _history.Expected(again));
        Assert.Equal(12, _history.Expected(again + Minute - 16_000));
        Note(again + Minute, 1);
        Assert.Equal(1, _history.Expected(again + Minute));
    }

    [Fact]
    public void HighestOfAMinute_Counts()
    {
        Note(Start, 3);
        Note(Start + 1000, 7);
        Note(Start + 2000, 4);
        Assert.Equal(7, _history.Expected(Start + 60 * Minute));
    }

    [Fact]
    public void LongPause_IsForgotten()
    {
        Run(0, 60, _ => 9);
        Note(Start + 500 * Minute, 1);
        Assert.Equal(0, _history.Expected(Start + 501 * Minute));
        Assert.Equal(1, _history.Expected(Start + 560 * Minute));
    }

    private void Run(int first, int count, Func<int, int> needs)
    {
        for (int minute = first; minute < first + count; minute++) Note(Start + minute * Minute, needs(minute));
    }

    private void Note(long nowMs, int needed) => _history.Note(nowMs, needed);
}
