using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlane.Tests.Upstreams.Balancing;

/// <summary>Priority groups, the panic threshold and slow start, as shares of the load.</summary>
public sealed class EffectiveWeightsTests
{
    [Fact]
    public void AllHealthy_HaveTheirWeights() =>
        Assert.Equal([0.5, 0.25, 0.25, 0], Shares([2, 1, 1, 0], [100, 100, 100, 100]));

    [Fact]
    public void UnhealthyEndpoint_HasNoShare() => Assert.Equal([0, 0.5, 0.5], Shares([1, 1, 1], [0, 100, 100]));

    [Fact]
    public void SlowStart_TakesItsPercentage() => Assert.Equal([0.1 / 1.1, 1 / 1.1], Shares([1, 1], [10, 100]));

    [Theory]
    [InlineData(2, 0.5, true)]
    [InlineData(2, 0, false)]
    [InlineData(3, 0.5, true)]
    [InlineData(1, 0.5, false)]
    [InlineData(1, 0.75, true)]
    public void BelowTheThreshold_HealthIsIgnored(int unhealthy, double threshold, bool isPanic)
    {
        int[] availability = [.. Enumerable.Range(0, 3).Select(each => each < unhealthy ? 0 : 100)];
        var weights = EffectiveWeights.Of(Members([1, 1, 1], [0, 0, 0]), availability, threshold);
        Assert.Equal(isPanic, weights.IsPanic);
        Assert.Equal(isPanic ? 3 : 3 - unhealthy, weights.Weights.Count(weight => weight > 0));
    }

    [Fact]
    public void NobodyHealthyAndNoThreshold_LeavesNobody() =>
        Assert.Equal([0, 0], EffectiveWeights.Of(Members([1, 1], [0, 0]), [0, 0], 0).Weights);

    /// <summary>Four endpoints in the first group, one in the second; so many of the first are healthy.</summary>
    [Theory]
    [InlineData(4, 1.0)]
    [InlineData(3, 1.0)]
    [InlineData(2, 0.7)]
    [InlineData(1, 0.35)]
    [InlineData(0, 0.0)]
    public void FirstGroup_KeepsWhatItCanCarry(int healthy, double share)
    {
        int[] availability = [.. Enumerable.Range(0, 5).Select(each => each < healthy || each == 4 ? 100 : 0)];
        double[] shares = Shares([1, 1, 1, 1, 1], availability, [0, 0, 0, 0, 1]);
        Assert.Equal(share, shares.Take(4).Sum(), 3);
        Assert.Equal(1 - share, shares[4], 3);
    }

    [Fact]
    public void NobodyHealthyAnywhere_IsPanicOfTheFirstGroup()
    {
        var weights = EffectiveWeights.Of(Members([1, 1, 1], [3, 1, 1]), [0, 0, 0], 0.5);
        Assert.True(weights.IsPanic);
        Assert.Equal([0, 100, 100], weights.Weights);
    }

    [Fact]
    public void GroupsTogetherTooWeak_ShareEverything()
    {
        double[] shares = Shares([1, 1, 1, 1, 1, 1], [100, 0, 0, 0, 100, 0], [0, 0, 0, 0, 1, 1], threshold: 0);
        Assert.Equal(0.35 / (0.35 + 0.65), shares[0], 3);
        Assert.Equal(0.65 / (0.35 + 0.65), shares[4], 3);
    }

    [Fact]
    public void AnyoneHealthy_SomebodyIsPicked()
    {
        var endpoint = Gen.Choose(0, 4 * 3 * 3 - 1);
        Prop.ForAll(endpoint.ArrayOf().ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (all, threshold) =>
        {
            int[] configured = [.. all.Select(each => each % 4)];
            int[] availability = [.. all.Select(each => each / 12 == 2 ? 100 : each / 12 * 10)];
            var members = Members(configured, [.. all.Select(each => each / 4 % 3)]);
            var effective = EffectiveWeights.Of(members, availability, threshold / 100.0);
            bool[] usable = [.. configured.Zip(availability, (weight, available) => weight > 0 && available > 0)];
            bool isAnyPicked = effective.Weights.Any(weight => weight > 0);
            bool areOnlyFitPicked = usable.Zip(effective.Weights, (isUsable, weight) => isUsable || weight == 0)
                .All(isRight => isRight);
            return (isAnyPicked || !usable.Contains(true)) && (areOnlyFitPicked || effective.IsPanic);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static double[] Shares(int[] weights, int[] availability, int[]? priorities = null, double threshold = 0.5)
    {
        var members = Members(weights, priorities ?? new int[weights.Length]);
        int[] effective = EffectiveWeights.Of(members, availability, threshold).Weights;
        return [.. effective.Select(weight => weight / (double)effective.Sum())];
    }

    private static EndpointMember[] Members(int[] weights, int[] priorities) =>
        [.. weights.Zip(priorities, (weight, priority) => new EndpointMember(null!, weight, priority))];
}
