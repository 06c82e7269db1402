using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Loops;

namespace DataPlane.Benchmarks.Loops;

/// <summary>
/// Hot type: <see cref="TimerWheel"/>, with as many timers in it as a loop of 10,000 connections has. Time goes on by a
/// millisecond per operation where it has to.
/// </summary>
[MemoryDiagnoser]
public class TimerWheelBenchmarks : ILoopTimerTarget
{
    private const int Connections = 10_000;
    private const long ForeverMs = 1L << 50;

    private readonly TimerWheel _wheel = new(0);
    private LoopTimer _timer = null!;
    private long _nowMs;
    private int _fired;
    private int _moves;

    [GlobalSetup]
    public void SetUp()
    {
        for (var connection = 0; connection < Connections; connection++)
            _wheel.Set(new LoopTimer(this), ForeverMs);
        _timer = new LoopTimer(this);
        _wheel.Set(_timer, 60_000);
        MoveLater();
        MoveEarlierAndBack();
        Expect.Same(Connections + 1, _wheel.Count);
        SetAndCancel();
        Expect.Same(Connections, _wheel.Count);
        var before = _fired;
        for (var fires = 0; fires < 10; fires++)
            FireOne();
        Expect.Same(before + 10, _fired);
        _wheel.Set(_timer, _nowMs + 60_000);
    }

    /// <summary>What a keep-alive connection does per request: a field write.</summary>
    [Benchmark]
    public void MoveLater() => _wheel.Set(_timer, _nowMs + 60_000 + (_moves++ & 0xff));

    /// <summary>A shorter timeout has to go to another slot.</summary>
    [Benchmark]
    public void MoveEarlierAndBack()
    {
        _wheel.Cancel(_timer);
        _wheel.Set(_timer, _nowMs + 20_000);
        _wheel.Set(_timer, _nowMs + 1_000);
    }

    [Benchmark]
    public void SetAndCancel()
    {
        _wheel.Set(_timer, _nowMs + 3_000);
        _wheel.Cancel(_timer);
    }

    /// <summary>A turn of the loop in which nothing is due; 10,000 far deadlines pass by once in 32 s.</summary>
    [Benchmark]
    public void AdvanceByOneMs() => _wheel.Advance(++_nowMs);

    [Benchmark]
    public void FireOne()
    {
        _wheel.Set(_timer, _nowMs + 1);
        _wheel.Advance(_nowMs += 2 * TimerWheel.SlotMs);
    }

    public void OnTimer(LoopTimer timer) => _fired++;
}
