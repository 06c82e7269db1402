using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class LogClockTests
{
    private readonly SetTime _time = new(new DateTimeOffset(2026, 11, 21, 23, 59, 59, 7, TimeSpan.Zero));

    [Fact]
    public void Start_IsRenderedBothWays()
    {
        var clock = new LogClock(_time);
        clock.Set(0);
        Assert.Equal("2026-11-21T23:59:59.007Z", Encoding.ASCII.GetString(clock.Rfc3339));
        Assert.Equal("21/Nov/2026:23:59:59 +0000", Encoding.ASCII.GetString(clock.Common));
    }

    [Fact]
    public void TimestampsOfOtherSeconds_AreFollowedInBothDirections()
    {
        var clock = new LogClock(_time);
        clock.Set(993_000);
        Assert.Equal("2026-11-22T00:00:00.000Z", Encoding.ASCII.GetString(clock.Rfc3339));
        clock.Set(-60_000_000);
        Assert.Equal("2026-11-21T23:58:59.007Z", Encoding.ASCII.GetString(clock.Rfc3339));
        Assert.Equal("21/Nov/2026:23:58:59 +0000", Encoding.ASCII.GetString(clock.Common));
    }

    [Fact]
    public void WallClockStepped_IsFollowedWithinASecond()
    {
        var clock = new LogClock(_time);
        _time.Advance(TimeSpan.FromSeconds(2));
        _time.Now += TimeSpan.FromHours(3);
        clock.Set(_time.Timestamp);
        Assert.Equal("2026-11-22T03:00:01.007Z", Encoding.ASCII.GetString(clock.Rfc3339));
    }

    [Fact]
    public void EveryMonth_HasItsName()
    {
        var months = new List<string>();
        for (int month = 1; month <= 12; month++)
        {
            var clock = new LogClock(new SetTime(new DateTimeOffset(2027, month, 3, 1, 2, 3, TimeSpan.Zero)));
            clock.Set(0);
            months.Add(Encoding.ASCII.GetString(clock.Common.Slice(3, 3)));
        }
        Assert.Equal("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", string.Join(' ', months));
    }
}
