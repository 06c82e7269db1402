using DataPlane.Lambda.Hosting;

namespace DataPlane.Tests.Lambda;

/// <summary>How many environments a function is worth.</summary>
public sealed class FunctionDemandTests
{
    private readonly FunctionDemand _demand = new();

    [Fact]
    public void NothingAsked_WantsNone()
    {
        Assert.Equal(0, _demand.Measure(out bool isPressing));
        Assert.False(isPressing);
    }

    [Fact]
    public void RisingDemand_WantsArrivalsTimesDurationWithHeadroom_AndPresses()
    {
        Run(count: 40, runMs: 100, waitMs: 0);
        // Four run at a time; the square root of that more, because arrivals come in heaps.
        Assert.Equal(6, _demand.Measure(out bool isPressing));
        Assert.True(isPressing);
    }

    [Fact]
    public void SteadyDemandWithoutWaits_KeepsWhatThereIs_AndDoesNotPress()
    {
        Run(count: 40, runMs: 100, waitMs: 0);
        _demand.Measure(out _);
        Run(count: 40, runMs: 100, waitMs: 0);
        Assert.Equal(6, _demand.Measure(out bool isPressing));
        Assert.False(isPressing);
    }

    [Fact]
    public void WaitsLongerThanTheWork_WantOneForEachInTheHouse()
    {
        Run(count: 400, runMs: 5, waitMs: 0);
        _demand.Measure(out _);
        Run(count: 400, runMs: 5, waitMs: 35);
        Assert.Equal(16, _demand.Measure(out bool isPressing));
        Assert.True(isPressing);
    }

    [Fact]
    public void QuickFunctionWithShortQueue_DoesNotPress()
    {
        // Sixteen clients that ask again at once: they wait longer than the work takes, but not that anybody noticed.
        for (int second = 0; second < 3; second++)
        {
            for (int each = 0; each < 20_000; each++) Run(count: 1, runMs: 0.2, waitMs: each % 5 < 3 ? 1 : 0);
            _demand.Measure(out bool isPressing);
            Assert.Equal(second == 0, isPressing);
        }
    }

    [Fact]
    public void FirstInvocationOfAnEnvironment_CountsLittle()
    {
        _demand.OnRun(2, isFirst: true);
        Assert.Equal(2, _demand.MeanMs);
        _demand.OnRun(66, isFirst: true);
        Assert.Equal(3, _demand.MeanMs);
        _demand.OnRun(11, isFirst: false);
        Assert.Equal(4, _demand.MeanMs);
    }

    [Fact]
    public void DemandThatEnds_IsRememberedForAMinute()
    {
        Run(count: 100, runMs: 100, waitMs: 0);
        int peak = _demand.Measure(out _);
        int after = peak;
        for (int second = 0; second < 20; second++) after = _demand.Measure(out _);
        Assert.InRange(after, 3, peak - 1);
        for (int second = 0; second < 180; second++) after = _demand.Measure(out _);
        Assert.Equal(0, after);
    }

    [Theory]
    [InlineData(15, 4, 0.2, 80, 0)]
    [InlineData(15, 1, 5, 80, 0)]
    [InlineData(1000, 2, 0.2, 40, 4)]
    [InlineData(15, 4, 100, 80, 15)]
    [InlineData(1, 10, 100, 40, 0)]
    [InlineData(1, 1, 1000, 40, 1)]
    [InlineData(100, 10, 20, 40, 41)]
    public void Queue_IsWorthAsManyAsLetItEndWithinAStart(
        int waiting, int environments, double runMs, double worthMs, int missing) =>
        Assert.Equal(missing, FunctionDemand.Missing(waiting, environments, runMs, worthMs));

    private void Run(int count, double runMs, long waitMs)
    {
        for (int each = 0; each < count; each++)
        {
            _demand.OnArrival();
            _demand.OnWaited(waitMs);
            _demand.OnRun(runMs, isFirst: false);
        }
    }
}
