using System.Net;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.InMemory;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Loops;

namespace DataPlane.Tests.Upstreams.Health;

/// <summary>Passive ejection and slow start on one loop and a clock of the test's own.</summary>
public sealed class EjectionTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly LoopSet _loops;

    public EjectionTests()
    {
        _loops = new LoopSet(1, _ => new PortableEngine(), _time);
        _loops.Start();
    }

    public void Dispose() => _loops.Dispose();

    [Fact]
    public async Task FailuresInARow_EjectForTheTime()
    {
        var upstream = await StartAsync(3, new PassiveHealthConfig { Failures = 3 });
        await FailAsync(upstream, 0, times: 2);
        await SucceedAsync(upstream, 0);
        await FailAsync(upstream, 0, times: 2);
        Assert.Equal([1, 1, 1], InRotation(upstream));
        await FailAsync(upstream, 0, times: 1);
        Assert.Equal([0, 1, 1], InRotation(upstream));
        Assert.Equal(EndpointState.Ejected, upstream.Health.StateNow(upstream.Endpoints[0]));
        Assert.Equal(1, upstream.Endpoints[0].Health.EjectionsBy(EjectionCause.ConsecutiveFailures));
        await AdvanceAsync(TimeSpan.FromSeconds(29));
        Assert.Equal([0, 1, 1], InRotation(upstream));
        await AdvanceAsync(TimeSpan.FromSeconds(1.1));
        Assert.Equal([1, 1, 1], InRotation(upstream));
    }

    [Fact]
    public async Task EjectionTime_GrowsToItsMaximumAndShrinksInQuietTimes()
    {
        var passive = new PassiveHealthConfig { Failures = 1, MaximumEjection = TimeSpan.FromSeconds(80) };
        var upstream = await StartAsync(2, passive);
        foreach (int seconds in new[] { 30, 60, 80, 80 })
        {
            await FailAsync(upstream, 0, times: 1);
            await AdvanceAsync(TimeSpan.FromSeconds(seconds - 1));
            Assert.Equal([0, 1], InRotation(upstream));
            await AdvanceAsync(TimeSpan.FromSeconds(1.1));
            Assert.Equal([1, 1], InRotation(upstream));
        }
        await AdvanceAsync(TimeSpan.FromMinutes(10));
        await FailAsync(upstream, 0, times: 1);
        await AdvanceAsync(TimeSpan.FromSeconds(30.1));
        Assert.Equal([1, 1], InRotation(upstream));
    }

    [Fact]
    public async Task ErrorRatio_EjectsAtTheEndOfItsWindow()
    {
        var upstream = await StartAsync(2, new PassiveHealthConfig { Failures = 0, Minimum = 20 });
        for (int each = 0; each < 10; each++)
        {
            await FailAsync(upstream, 0, times: 1);
            await SucceedAsync(upstream, 0);
            await SucceedAsync(upstream, 1);
        }
        Assert.Equal([1, 1], InRotation(upstream));
        await AdvanceAsync(TimeSpan.FromSeconds(10.1));
        Assert.Equal([0, 1], InRotation(upstream));
        Assert.Equal(1, upstream.Endpoints[0].Health.EjectionsBy(EjectionCause.ErrorRatio));
        Assert.Contains("10 of 20", upstream.Endpoints[0].Health.Reason);
    }

    [Fact]
    public async Task TooFewExchanges_SayNothing()
    {
        var upstream = await StartAsync(2, new PassiveHealthConfig { Failures = 0, Minimum = 20 });
        await FailAsync(upstream, 0, times: 19);
        await AdvanceAsync(TimeSpan.FromSeconds(10.1));
        await FailAsync(upstream, 0, times: 1);
        await AdvanceAsync(TimeSpan.FromSeconds(10.1));
        Assert.Equal([1, 1], InRotation(upstream));
    }

    [Theory]
    [InlineData(ExchangeOutcome.Completed, 500, true)]
    [InlineData(ExchangeOutcome.Completed, 599, true)]
    [InlineData(ExchangeOutcome.Completed, 499, false)]
    [InlineData(ExchangeOutcome.Completed, 999, false)]
    [InlineData(ExchangeOutcome.UpstreamConnectFailed, 0, true)]
    [InlineData(ExchangeOutcome.UpstreamConnectTimeout, 0, true)]
    [InlineData(ExchangeOutcome.UpstreamResponseTimeout, 0, true)]
    [InlineData(ExchangeOutcome.UpstreamIdleTimeout, 200, true)]
    [InlineData(ExchangeOutcome.UpstreamClosed, 0, true)]
    [InlineData(ExchangeOutcome.UpstreamProtocolError, 0, true)]
    [InlineData(ExchangeOutcome.UpstreamTruncated, 200, true)]
    [InlineData(ExchangeOutcome.ExchangeTimeout, 0, true)]
    [InlineData(ExchangeOutcome.UpstreamOverloaded, 0, false)]
    [InlineData(ExchangeOutcome.ClientAborted, 500, false)]
    [InlineData(ExchangeOutcome.RequestBodyTooLarge, 500, false)]
    public async Task Outcome_CountsWhenItIsTheEndpointsFault(ExchangeOutcome outcome, int status, bool counts)
    {
        var upstream = await StartAsync(2, new PassiveHealthConfig { Failures = 1 });
        await ObserveAsync(upstream, 0, outcome, status);
        Assert.Equal(counts ? [0, 1] : [1, 1], InRotation(upstream));
    }

    [Fact]
    public async Task OnlyEndpoint_IsNeverEjected()
    {
        var upstream = await StartAsync(1, new PassiveHealthConfig { Failures = 1, MaximumEjected = 1 });
        await FailAsync(upstream, 0, times: 50);
        Assert.Equal([1], InRotation(upstream));
    }

    /// <summary>Whatever fails in whatever order, somebody stays, and no more are out than allowed.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public async Task Ejection_NeverEmptiesAnUpstream(double maximum)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            int count = random.Next(1, 9);
            var passive = new PassiveHealthConfig { Failures = 2, Minimum = 1, MaximumEjected = maximum };
            var upstream = await StartAsync(count, passive);
            int allowed = maximum == 0 ? 0 : Math.Min(count - 1, Math.Max(1, (int)(count * maximum)));
            for (int step = 0; step < 60; step++)
            {
                if (random.Next(10) == 0) await AdvanceAsync(TimeSpan.FromSeconds(random.Next(40)));
                else if (random.Next(4) == 0) await SucceedAsync(upstream, random.Next(count));
                else await FailAsync(upstream, random.Next(count), times: random.Next(1, 4));
                int outside = InRotation(upstream).Count(each => each == 0);
                Assert.True(outside <= allowed, $"seed {seed}: {outside} of {count} are out");
                Assert.False(upstream.Set.IsPanic && maximum <= 0.5);
            }
            upstream.Health.Stop();
        }
    }

    [Fact]
    public async Task EndpointThatCameBack_StartsSlowly()
    {
        var upstream = await StartAsync(2, new PassiveHealthConfig { Failures = 1 }, slowStartMs: 20_000);
        Assert.Equal([1, 1], Ratio(upstream));
        await FailAsync(upstream, 0, times: 1);
        await AdvanceAsync(TimeSpan.FromSeconds(30.1));
        Assert.Equal([0.1, 1], Ratio(upstream));
        for (int second = 1; second <= 10; second++) await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.InRange(Ratio(upstream)[0], 0.45, 0.55);
        for (int second = 1; second <= 11; second++) await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 1], Ratio(upstream));
    }

    [Fact]
    public async Task EndpointThatIsAdded_StartsSlowlyAndTheOthersStay()
    {
        var upstream = await StartAsync(2, passive: null, slowStartMs: 20_000);
        var kept = upstream.Set.Members;
        upstream.SetMembers([.. kept, new EndpointMember(Endpoint(7), 1)]);
        await OnLoopAsync(() => { });
        Assert.Equal([1, 1, 0.1], Ratio(upstream));
        for (int second = 1; second <= 21; second++) await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 1, 1], Ratio(upstream));
    }

    [Fact]
    public async Task NewGenerationOfTheUpstream_KeepsTheEjection()
    {
        var passive = new PassiveHealthConfig { Failures = 1 };
        var before = await StartAsync(2, passive);
        await FailAsync(before, 0, times: 1);
        var after = await StartAsync([.. before.Set.Members], passive, slowStartMs: 0);
        before.Health.Stop();
        Assert.Equal([0, 1], InRotation(after));
        await AdvanceAsync(TimeSpan.FromSeconds(30.1));
        Assert.Equal([1, 1], InRotation(after));
    }

    private static int[] InRotation(Upstream upstream) => [.. upstream.Set.Weights.Select(each => each > 0 ? 1 : 0)];

    private static double[] Ratio(Upstream upstream) =>
        [.. upstream.Set.Weights.Select(each => Math.Round(each / (double)upstream.Set.Weights.Max(), 2))];

    private Task<Upstream> StartAsync(int count, PassiveHealthConfig? passive, int slowStartMs = 0) => StartAsync(
        [.. Enumerable.Range(0, count).Select(each => new EndpointMember(Endpoint(each), 1))], passive, slowStartMs);

    private async Task<Upstream> StartAsync(EndpointMember[] members, PassiveHealthConfig? passive, int slowStartMs)
    {
        var settings = new UpstreamSettings
        {
            MaxConnections = 10,
            MaxIdle = 10,
            IdleTimeoutMs = 1000,
            MaxAgeMs = 1000,
            ConnectTimeoutMs = 1000,
            ResponseTimeoutMs = 1000,
            ReadTimeoutMs = 1000,
            Health = new HealthConfig { Passive = passive },
            SlowStartMs = slowStartMs,
        };
        var pickers = new PickerFactory(new LoadBalancingConfig(), "up", loopCount: 1);
        var upstream = new Upstream("up", members, pickers, settings, new InMemoryConnector(), _loops[0]);
        upstream.Health.Start();
        await OnLoopAsync(() => { });
        return upstream;
    }

    private UpstreamEndpoint Endpoint(int index)
    {
        string url = $"http://10.0.0.{index + 1}:80";
        return new UpstreamEndpoint(index, "up", url, "up", new EndpointAddress("10.0.0.1", 80), _loops);
    }

    private async Task FailAsync(Upstream upstream, int endpoint, int times)
    {
        for (int each = 0; each < times; each++)
            await ObserveAsync(upstream, endpoint, ExchangeOutcome.UpstreamConnectFailed, 0);
    }

    private Task SucceedAsync(Upstream upstream, int endpoint) =>
        ObserveAsync(upstream, endpoint, ExchangeOutcome.Completed, 200);

    private async Task ObserveAsync(Upstream upstream, int endpoint, ExchangeOutcome outcome, int status)
    {
        await OnLoopAsync(
            () => upstream.Health.Observe(upstream.Endpoints[endpoint], _loops[0], outcome, status));
        // What it posted comes after it.
        await OnLoopAsync(() => { });
    }

    private async Task AdvanceAsync(TimeSpan span)
    {
        _time.Advance((int)span.TotalMilliseconds);
        // Once for the turn that reads the time, and once more for what came due in it.
        await OnLoopAsync(() => { });
        await OnLoopAsync(() => { });
    }

    private Task OnLoopAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loops[0].Post(
            _ =>
            {
                work();
                done.SetResult();
            },
            state: null);
        return done.Task.WaitAsync(Eventually.Patience);
    }
}
