using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Tests.Loops;

namespace DataPlane.Tests.Upstreams.Admission;

/// <summary>On two loops that never run: the test is their thread and their clock.</summary>
public sealed class CircuitBreakerTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly LoopSet _loops;
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests()
    {
        _loops = new LoopSet(2, _ => new PortableEngine(), _time);
        _breaker = new CircuitBreaker(new BreakerSettings(0.5, 10_000, 20, 5_000), _loops, _time);
    }

    public void Dispose() => _loops.Dispose();

    [Fact]
    public void FewerThanTheMinimum_KeepItClosed()
    {
        Record(19, failed: true);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        Record(1, failed: true);
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public void ShareBelowTheBound_KeepsItClosed()
    {
        Record(60, failed: false);
        Record(59, failed: true);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        Record(1, failed: true);
        Assert.Equal(BreakerState.Open, _breaker.State);
        Assert.Equal(1, _breaker.Opened);
    }

    [Fact]
    public void FailuresOlderThanTheWindow_AreForgotten()
    {
        Record(19, failed: true);
        Advance(10_000);
        Record(19, failed: true);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void OpenCircuit_LetsNothingThroughUntilItsTimeIsUp()
    {
        Record(20, failed: true);
        Advance(4_999);
        Assert.False(_breaker.TryEnter(_loops[0]));
        Assert.False(_breaker.TryEnter(_loops[1]));
        Advance(1);
        int entered = 0;
        for (int each = 0; each < 100; each++) entered += _breaker.TryEnter(_loops[each % 2]) ? 1 : 0;
        Assert.Equal(CircuitBreaker.Probes, entered);
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
    }

    [Fact]
    public void GoodProbes_CloseIt()
    {
        HalfOpen();
        for (int each = 0; each < CircuitBreaker.Probes; each++)
        {
            Assert.Equal(BreakerState.HalfOpen, _breaker.State);
            End(failed: false);
        }
        Assert.Equal(BreakerState.Closed, _breaker.State);
        // What opened it is forgotten.
        Record(19, failed: true);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void BadProbe_OpensItAgain()
    {
        HalfOpen();
        End(failed: false);
        End(failed: true);
        Assert.Equal(BreakerState.Open, _breaker.State);
        Assert.False(_breaker.TryEnter(_loops[0]));
        Assert.Equal(2, _breaker.Opened);
    }

    [Fact]
    public void ExchangesFromBefore_DecideNothing()
    {
        long before = _time.GetTimestamp();
        HalfOpen();
        for (int each = 0; each < 10; each++) _breaker.Record(_loops[0], before, failed: each % 2 == 0);
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
    }

    [Fact]
    public void ProbesThatNeverEnd_AreReplacedByOthers()
    {
        HalfOpen();
        while (_breaker.TryEnter(_loops[0]))
        {
        }
        Advance(5_000);
        Assert.True(_breaker.TryEnter(_loops[0]));
    }

    private void HalfOpen()
    {
        Record(20, failed: true);
        Advance(5_000);
        Assert.True(_breaker.TryEnter(_loops[0]));
    }

    private void Record(int count, bool failed)
    {
        for (int each = 0; each < count; each++)
            _breaker.Record(_loops[each % 2], _time.GetTimestamp(), failed);
    }

    private void End(bool failed) => _breaker.Record(_loops[1], _time.GetTimestamp(), failed);

    private void Advance(int ms)
    {
        _time.Advance(ms);
        for (int loop = 0; loop < _loops.Count; loop++) _loops[loop].RefreshTime();
    }
}
