using DataPlane.Config;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlane.Tests.Upstreams.Balancing;

/// <summary>Every method that weighs gives each endpoint its share, within two percent of the whole.</summary>
public sealed class PickerShareTests
{
    private const int Picks = 60_000;
    private const double Tolerance = 0.02;

    [Theory]
    [InlineData(LoadBalancingMethod.RoundRobin)]
    [InlineData(LoadBalancingMethod.LeastRequests)]
    [InlineData(LoadBalancingMethod.Random)]
    [InlineData(LoadBalancingMethod.ConsistentHash)]
    public void SharesOfIdleEndpoints_AreThoseOfTheWeights(LoadBalancingMethod method)
    {
        var weights = Gen.Choose(0, 1000).ArrayOf().Where(each => each.Length is > 0 and < 40 && each.Any(w => w > 0));
        Prop.ForAll(weights.ToArbitrary(), each => HasShares(method, each))
            .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    [Theory]
    [InlineData(LoadBalancingMethod.RoundRobin)]
    [InlineData(LoadBalancingMethod.LeastRequests)]
    [InlineData(LoadBalancingMethod.Random)]
    [InlineData(LoadBalancingMethod.ConsistentHash)]
    public void EndpointWithoutWeight_IsNeverPicked(LoadBalancingMethod method)
    {
        using var rig = new UpstreamRig();
        int[] counts = Count(rig, method, rig.Members(0, 3, 0, 1), 10_000);
        Assert.Equal((0, 0), (counts[0], counts[2]));
        Assert.InRange(counts[1], 7_000, 8_000);
    }

    [Fact]
    public void RoundRobin_IsExactAndSmooth()
    {
        using var rig = new UpstreamRig();
        var picker = rig.Picker(new LoadBalancingConfig(), rig.Members(5, 1, 1));
        var exchange = rig.Exchange();
        int[] picks = [.. Enumerable.Range(0, 14).Select(_ => picker.Pick(exchange, 0))];
        Assert.Equal([0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0], picks);
    }

    [Fact]
    public void NoWeightAtAll_PicksNobody()
    {
        using var rig = new UpstreamRig();
        var picker = rig.Picker(new LoadBalancingConfig(), rig.Members(0, 0));
        Assert.Equal(-1, picker.Pick(rig.Exchange(), 0));
    }

    /// <summary>
    /// Every exchange takes so long as its endpoint is slow: what is in flight then evens out, not the picks.
    /// </summary>
    [Fact]
    public void LeastRequests_SendsASlowEndpointLess()
    {
        using var rig = new UpstreamRig();
        var members = rig.Members(1, 1, 1);
        var picker = rig.Picker(Config(LoadBalancingMethod.LeastRequests), members);
        var exchange = rig.Exchange();
        var endings = new PriorityQueue<UpstreamEndpoint, int>();
        var counts = new int[3];
        for (int now = 0; now < 30_000; now++)
        {
            while (endings.TryPeek(out var ended, out int at) && at <= now)
            {
                endings.Dequeue();
                ended.Load(rig.Loop).InFlight--;
            }
            int picked = picker.Pick(exchange, 0);
            counts[picked]++;
            members[picked].Endpoint.Load(rig.Loop).InFlight++;
            endings.Enqueue(members[picked].Endpoint, now + (picked == 0 ? 100 : 10));
        }
        Assert.InRange(counts[0], 1_000, 30_000 / 6);
        Assert.InRange(counts[1] / (double)counts[2], 0.95, 1.05);
    }

    private static bool HasShares(LoadBalancingMethod method, int[] weights)
    {
        using var rig = new UpstreamRig();
        int[] counts = Count(rig, method, rig.Members(weights), Picks);
        double total = weights.Sum();
        return weights.Select((weight, index) => Math.Abs(counts[index] / (double)Picks - weight / total))
            .All(difference => difference < Tolerance);
    }

    private static int[] Count(UpstreamRig rig, LoadBalancingMethod method, EndpointMember[] members, int picks)
    {
        var picker = rig.Picker(Config(method), members);
        var counts = new int[members.Length];
        // Without the key a hash picker draws by its table: that is the table's shares.
        var exchange = rig.Exchange();
        for (int each = 0; each < picks; each++) counts[picker.Pick(exchange, 0)]++;
        return counts;
    }

    private static LoadBalancingConfig Config(LoadBalancingMethod method) => new()
    {
        Method = method,
        Key = method == LoadBalancingMethod.ConsistentHash ? new HashKeyConfig(HashKeyKind.Header, "x-user") : null,
    };
}
