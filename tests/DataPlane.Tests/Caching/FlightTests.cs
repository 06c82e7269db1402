using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Tests.Caching;

/// <summary>Who waits is always woken, whatever happens at once on several loops.</summary>
public sealed class FlightTests
{
    private const int Rounds = 20_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task WaitersOfSeveralLoops_AreAllWoken()
    {
        var flight = new Flight();
        var loops = Enumerable.Range(0, 3)
            .Select(each => new EventLoop(each, new PortableEngine(), TimeProvider.System)).ToArray();
        foreach (var loop in loops) loop.Start();
        var tasks = loops.Select(loop => OnLoopAsync(loop, () => PlayAsync(loop, flight))).ToArray();
        int[] timedOut = await Task.WhenAll(tasks).WaitAsync(s_patience);
        foreach (var loop in loops) loop.Dispose();
        Assert.Equal(0, timedOut.Sum());
    }

    [Fact]
    public void UnsharedKey_IsNotWaitedForUntilItsTime()
    {
        var flight = new Flight();
        Assert.Equal(FlightRole.Leader, flight.Enter(7, waiter: null, nowMs: 0));
        flight.Leave(7, FlightEnd.Unshared, unsharedUntilMs: 100);
        Assert.Equal(FlightRole.Alone, flight.Enter(7, waiter: null, nowMs: 99));
        Assert.Equal(FlightRole.Leader, flight.Enter(8, waiter: null, nowMs: 99));
        Assert.Equal(FlightRole.Alone, flight.Enter(7, waiter: null, nowMs: 100));
        flight.Leave(8, FlightEnd.Stored, unsharedUntilMs: 0);
        Assert.Equal(FlightRole.Leader, flight.Enter(7, waiter: null, nowMs: 100));
    }

    /// <summary>Leads or follows by turns, for two keys in one place; the number of waits that nobody ended.</summary>
    private static async Task<int> PlayAsync(EventLoop loop, Flight flight)
    {
        var pool = new Stack<FlightWaiter>();
        var exchange = new Exchange(loop);
        int timedOut = 0;
        for (int round = 0; round < Rounds; round++)
        {
            ulong key = (ulong)(1 + (round % 2));
            var waiter = pool.TryPop(out var spare) ? spare : new FlightWaiter(loop, pool);
            switch (flight.Enter(key, waiter, loop.NowMs))
            {
                case FlightRole.Leader:
                    pool.Push(waiter);
                    if (round % 3 == 0) await Task.Yield();
                    flight.Leave(key, FlightEnd.Stored, unsharedUntilMs: 0);
                    break;
                case FlightRole.Follower:
                    if (await waiter.WaitAsync(exchange, 20_000) == FlightEnd.TimedOut) timedOut++;
                    break;
                default:
                    pool.Push(waiter);
                    await Task.Yield();
                    break;
            }
        }
        return timedOut;
    }

    private static Task<int> OnLoopAsync(EventLoop loop, Func<Task<int>> play)
    {
        var begun = new TaskCompletionSource<Task<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => begun.SetResult(play()), state: null);
        return begun.Task.Unwrap();
    }
}
