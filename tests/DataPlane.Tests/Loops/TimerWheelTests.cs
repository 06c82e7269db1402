using DataPlane.Gateway.Loops;

namespace DataPlane.Tests.Loops;

public sealed class TimerWheelTests
{
    private const int TurnMs = TimerWheel.SlotMs * TimerWheel.SlotCount;

    [Fact]
    public void Due_FiresOnceNeverEarlyAndAtMostASlotLate()
    {
        var wheel = new TimerWheel(1000);
        var target = new RecordingTarget();
        var timer = target.NewTimer();
        wheel.Set(timer, 1100);
        long firedAt = 0;
        for (long now = 1000; now < 1300; now++)
        {
            wheel.Advance(now);
            if (firedAt == 0 && target.Fired.Count > 0) firedAt = now;
        }
        Assert.InRange(firedAt, 1100, 1100 + TimerWheel.SlotMs);
        Assert.Single(target.Fired);
        Assert.False(timer.IsSet);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void SetLater_FiresAtTheLaterTime()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var timer = target.NewTimer();
        wheel.Set(timer, 50);
        wheel.Set(timer, 500);
        wheel.Advance(499);
        Assert.Empty(target.Fired);
        wheel.Advance(500 + TimerWheel.SlotMs);
        Assert.Single(target.Fired);
    }

    [Fact]
    public void SetEarlier_FiresAtTheEarlierTime()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var timer = target.NewTimer();
        wheel.Set(timer, 5000);
        wheel.Set(timer, 100);
        wheel.Advance(100 + TimerWheel.SlotMs);
        Assert.Single(target.Fired);
        wheel.Advance(6000);
        Assert.Single(target.Fired);
    }

    [Fact]
    public void Cancelled_DoesNotFire()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var timer = target.NewTimer();
        wheel.Set(timer, 100);
        wheel.Cancel(timer);
        wheel.Cancel(timer);
        Assert.Equal(0, wheel.Count);
        Assert.Equal(-1, wheel.NextDelayMs(0));
        wheel.Advance(1000);
        Assert.Empty(target.Fired);
    }

    [Fact]
    public void Paused_DoesNotFireAndCanBeSetAgain()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var timer = target.NewTimer();
        wheel.Set(timer, 100);
        TimerWheel.Pause(timer);
        wheel.Advance(200);
        Assert.Empty(target.Fired);
        wheel.Set(timer, 300);
        wheel.Advance(400);
        Assert.Single(target.Fired);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void CallbackCancelsOneOfTheSameSlot_ThatOneDoesNotFire(int canceled)
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var timers = new[] { target.NewTimer(), target.NewTimer(), target.NewTimer() };
        foreach (var timer in timers) wheel.Set(timer, 100);
        bool isFirst = true;
        target.OnFired = fired =>
        {
            if (isFirst && fired != timers[canceled]) wheel.Cancel(timers[canceled]);
            isFirst = false;
        };
        wheel.Advance(200);
        // The last one linked fires first, and cannot be cancelled by itself any more.
        Assert.Equal(canceled == 2 ? 3 : 2, target.Fired.Count);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void CallbackSetsItsTimerAgain_FiresAgain()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var timer = target.NewTimer();
        long now = 0;
        target.OnFired = fired => wheel.Set(fired, now + 50);
        wheel.Set(timer, 50);
        for (; now <= 1000; now += 10) wheel.Advance(now);
        Assert.InRange(target.Fired.Count, 12, 20);
    }

    [Fact]
    public void CallbackSetsItsTimerInThePast_DoesNotLoop()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        target.OnFired = fired => wheel.Set(fired, 1);
        wheel.Set(target.NewTimer(), 50);
        wheel.Advance(100);
        Assert.Single(target.Fired);
        wheel.Advance(100 + 2 * TimerWheel.SlotMs);
        Assert.Equal(2, target.Fired.Count);
    }

    [Fact]
    public void DueBeyondOneTurnOfTheWheel_FiresInItsTime()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        long due = 3L * TurnMs + 777;
        wheel.Set(target.NewTimer(), due);
        for (long now = 0; now < due; now += 501) wheel.Advance(now);
        Assert.Empty(target.Fired);
        wheel.Advance(due + TimerWheel.SlotMs);
        Assert.Single(target.Fired);
    }

    [Fact]
    public void LongSleep_FiresWhatIsDueAndKeepsTheRest()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var late = target.NewTimer();
        wheel.Set(target.NewTimer(), 100);
        wheel.Set(target.NewTimer(), TurnMs / 2);
        wheel.Set(late, 50L * TurnMs);
        wheel.Advance(10L * TurnMs);
        Assert.Equal(2, target.Fired.Count);
        Assert.True(late.IsSet);
        wheel.Advance(50L * TurnMs + TimerWheel.SlotMs);
        Assert.Equal(3, target.Fired.Count);
    }

    [Fact]
    public void SetAfterALongIdleTime_FiresInItsTime()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        // The wheel was not advanced for a week, as when a loop slept without timers.
        const long now = 7L * 24 * 3600 * 1000;
        wheel.Set(target.NewTimer(), now + 1000);
        wheel.Advance(now + 900);
        Assert.Empty(target.Fired);
        wheel.Advance(now + 1000 + TimerWheel.SlotMs);
        Assert.Single(target.Fired);
    }

    [Fact]
    public void NextDelay_NeverSleepsPastTheNextTimer()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var random = new Random(7);
        long now = 0;
        for (int round = 0; round < 2000; round++)
        {
            long due = now + random.Next(1, 2 * TurnMs);
            wheel.Set(target.NewTimer(), due);
            int before = target.Fired.Count;
            while (target.Fired.Count == before)
            {
                int delay = wheel.NextDelayMs(now);
                Assert.InRange(delay, 0, TurnMs + TimerWheel.SlotMs);
                now += Math.Max(delay, 1);
                wheel.Advance(now);
            }
            Assert.InRange(now, due, due + TimerWheel.SlotMs + 1);
        }
    }

    [Fact]
    public void ThousandsOfRandomTimers_FireAsAPlainListWould()
    {
        var wheel = new TimerWheel(0);
        var target = new RecordingTarget();
        var random = new Random(42);
        var timers = Enumerable.Range(0, 5000).Select(_ => target.NewTimer()).ToArray();
        var dueOf = new Dictionary<LoopTimer, long>();
        long now = 0;
        for (int step = 0; step < 3000; step++)
        {
            for (int change = 0; change < 10; change++)
            {
                var timer = timers[random.Next(timers.Length)];
                if (random.Next(4) == 0)
                {
                    wheel.Cancel(timer);
                    dueOf.Remove(timer);
                }
                else
                {
                    dueOf[timer] = now + random.Next(1, 60_000);
                    wheel.Set(timer, dueOf[timer]);
                }
            }
            now += random.Next(0, 40);
            target.Fired.Clear();
            wheel.Advance(now);
            foreach (var fired in target.Fired)
            {
                Assert.True(dueOf.Remove(fired, out long due), "Fired twice or after its cancellation.");
                Assert.True(due <= now, "Fired early.");
            }
            Assert.DoesNotContain(dueOf.Values, due => due <= now - TimerWheel.SlotMs);
        }
        Assert.Equal(dueOf.Count, timers.Count(timer => timer.IsSet));
    }

    [Fact]
    public void SetAndCancel_AllocateNothing()
    {
        var wheel = new TimerWheel(0);
        var timer = new RecordingTarget().NewTimer();
        wheel.Set(timer, 10);
        wheel.Cancel(timer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
        {
            wheel.Set(timer, round + 100);
            wheel.Advance(round);
            wheel.Cancel(timer);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class RecordingTarget : ILoopTimerTarget
    {
        public List<LoopTimer> Fired { get; } = [];

        public Action<LoopTimer> OnFired { get; set; } = static _ => { };

        public LoopTimer NewTimer() => new(this);

        public void OnTimer(LoopTimer timer)
        {
            Fired.Add(timer);
            OnFired(timer);
        }
    }
}
