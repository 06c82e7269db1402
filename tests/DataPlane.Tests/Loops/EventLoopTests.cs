using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Epoll;

namespace DataPlane.Tests.Loops;

public sealed class EventLoopTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static TheoryData<bool> Engines => OperatingSystem.IsLinux() ? [true, false] : [false];

    [Theory, MemberData(nameof(Engines))]
    public async Task PostedByManyThreads_AllRunInTheOrderOfTheirThread(bool isEpoll)
    {
        using var loop = Start(isEpoll, TimeProvider.System);
        const int threads = 4, each = 20_000;
        int[] next = new int[threads];
        bool inOrder = true;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = threads * each;
        var posters = Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (int number = 0; number < each; number++)
            {
                int mine = number;
                loop.Post(
                    _ =>
                    {
                        inOrder &= loop.IsCurrent && next[thread]++ == mine;
                        if (--left == 0) done.SetResult();
                    },
                    state: null);
            }
        })).ToArray();
        await Task.WhenAll(posters);
        await done.Task.WaitAsync(s_patience);
        Assert.True(inOrder);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task ForeignTask_ComesBackToTheLoop(bool isEpoll)
    {
        using var loop = Start(isEpoll, TimeProvider.System);
        Assert.False(loop.IsCurrent);
        await OnLoopAsync(
            loop,
            async () =>
            {
                Assert.Same(loop, EventLoop.Current);
                await Task.Run(() => Assert.Null(EventLoop.Current));
                Assert.True(loop.IsCurrent);
                await Task.Yield();
                Assert.True(loop.IsCurrent);
            });
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task SwitchTo_ContinuesOnTheLoopAtOnceWhenThere(bool isEpoll)
    {
        using var loop = Start(isEpoll, TimeProvider.System);
        var result = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = SwitchAsync();
        Assert.True(await result.Task.WaitAsync(s_patience));

        async Task SwitchAsync()
        {
            await loop.SwitchTo();
            result.SetResult(loop.IsCurrent && loop.SwitchTo().IsCompleted);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task VirtualTime_FiresTimersWhenToldAndNotBefore(bool isEpoll)
    {
        var time = new ManualTime();
        using var loop = Start(isEpoll, time);
        var target = new CompletingTarget();
        var timer = new LoopTimer(target);
        await OnLoopAsync(loop, () => Set(5000));
        time.Advance(4999);
        loop.Wake();
        await OnLoopAsync(loop, static () => Task.CompletedTask);
        Assert.False(target.Fired.IsCompleted);
        time.Advance(1 + TimerWheel.SlotMs);
        loop.Wake();
        await target.Fired.WaitAsync(s_patience);

        Task Set(int ms)
        {
            loop.Timers.Set(timer, loop.NowMs + ms);
            return Task.CompletedTask;
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task SleepingLoop_WakesForItsTimer(bool isEpoll)
    {
        using var loop = Start(isEpoll, TimeProvider.System);
        var target = new CompletingTarget();
        var timer = new LoopTimer(target);
        long start = 0;
        await OnLoopAsync(
            loop,
            () =>
            {
                start = loop.NowMs;
                loop.Timers.Set(timer, start + 60);
                return Task.CompletedTask;
            });
        await target.Fired.WaitAsync(s_patience);
        await OnLoopAsync(
            loop,
            () =>
            {
                Assert.True(loop.NowMs - start >= 60);
                return Task.CompletedTask;
            });
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task PostedWork_SeesTheTimeOfItsTurn(bool isEpoll)
    {
        var time = new ManualTime();
        using var loop = Start(isEpoll, time);
        await OnLoopAsync(loop, static () => Task.CompletedTask);
        long before = loop.NowMs;
        time.Advance(10_000);
        // The loop slept all the while; what wakes it must not count from when it fell asleep.
        await OnLoopAsync(
            loop,
            () =>
            {
                Assert.Equal(before + 10_000, loop.NowMs);
                return Task.CompletedTask;
            });
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task WorkThatPostsItself_DoesNotStarveTimers(bool isEpoll)
    {
        using var loop = Start(isEpoll, TimeProvider.System);
        var target = new CompletingTarget();
        var timer = new LoopTimer(target);
        bool isOver = false;
        loop.Post(
            _ =>
            {
                loop.Timers.Set(timer, loop.NowMs + 30);
                Again(null);
            },
            state: null);
        await target.Fired.WaitAsync(s_patience);
        Volatile.Write(ref isOver, true);

        void Again(object? state)
        {
            if (!Volatile.Read(ref isOver)) loop.Post(Again, null);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public void WokenAfterItsEnd_NothingHappens(bool isEpoll)
    {
        var loop = Start(isEpoll, TimeProvider.System);
        loop.Dispose();
        loop.Wake();
        loop.Post(static _ => { }, state: null);
        loop.Dispose();
        Assert.False(loop.IsCurrent);
    }

    private static EventLoop Start(bool isEpoll, TimeProvider time)
    {
        var loop = new EventLoop(0, isEpoll ? new EpollEngine() : new PortableEngine(), time);
        loop.Start();
        return loop;
    }

    private static Task OnLoopAsync(EventLoop loop, Func<Task> work) => Transport.TransportRig.OnLoopAsync(loop, work);

    private sealed class CompletingTarget : ILoopTimerTarget
    {
        private readonly TaskCompletionSource _fired = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Fired => _fired.Task;

        public void OnTimer(LoopTimer timer) => _fired.SetResult();
    }
}
