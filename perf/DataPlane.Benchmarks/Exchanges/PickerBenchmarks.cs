using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Gateway.Upstreams.Health;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// Hot types: the implementations of <see cref="IEndpointPicker"/>, choosing one of ten endpoints, and
/// <see cref="PassiveHealth"/>, told how it went.
/// </summary>
[MemoryDiagnoser]
public class PickerBenchmarks
{
    private const int Endpoints = 10;

    private readonly PassiveHealth _passive = new(new PassiveHealthConfig());
    private GatewayRig _rig = null!;
    private LoopSet _loops = null!;
    private Exchange _exchange = null!;
    private EndpointMember[] _members = [];
    private IEndpointPicker _roundRobin = null!;
    private IEndpointPicker _leastRequests = null!;
    private IEndpointPicker _random = null!;
    private IEndpointPicker _hash = null!;
    private IEndpointPicker _crowdedHash = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _loops = new LoopSet(1, static _ => new PortableEngine(), TimeProvider.System);
        _exchange = new PreparedExchange(
            _rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead).Exchange;
        _members = Members(inFlight: 1);
        _roundRobin = Picker(LoadBalancingMethod.RoundRobin, _members);
        _leastRequests = Picker(LoadBalancingMethod.LeastRequests, _members);
        _random = Picker(LoadBalancingMethod.Random, _members);
        _hash = Picker(LoadBalancingMethod.ConsistentHash, _members);
        var crowded = Members(inFlight: 10);
        _crowdedHash = Picker(LoadBalancingMethod.ConsistentHash, crowded);
        int preferred = ConsistentHashCrowded();
        crowded[preferred].Endpoint.Load(_exchange.Loop).InFlight = 100;
        Expect.That(ConsistentHashCrowded() != preferred, "a crowded endpoint passes its keys on");
        Expect.Same(ConsistentHash(), ConsistentHash());
        Expect.That(RoundRobin() != RoundRobin(), "endpoints take turns");
        Expect.That(LeastRequests() < Endpoints && Random() < Endpoints, "there is such an endpoint");
        Expect.That(!Observe(), "one success ejects nobody");
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _rig.Dispose();
        _loops.Dispose();
    }

    [Benchmark]
    public int RoundRobin() => _roundRobin.Pick(_exchange, 0);

    [Benchmark]
    public int LeastRequests() => _leastRequests.Pick(_exchange, 0);

    [Benchmark]
    public int Random() => _random.Pick(_exchange, 0);

    [Benchmark]
    public int ConsistentHash() => _hash.Pick(_exchange, 0);

    /// <summary>The key's own endpoint is over its bound.</summary>
    [Benchmark]
    public int ConsistentHashCrowded() => _crowdedHash.Pick(_exchange, 0);

    [Benchmark]
    public bool Observe() =>
        _passive.Observe(_members[0].Endpoint, _exchange.Loop, ExchangeOutcome.Completed, status: 200);

    private static IEndpointPicker Picker(LoadBalancingMethod method, EndpointMember[] members)
    {
        var config = new LoadBalancingConfig
        {
            Method = method,
            Key = method == LoadBalancingMethod.ConsistentHash ? new HashKeyConfig(HashKeyKind.Path, "") : null,
        };
        return new PickerFactory(config, "up", loopCount: 1).Create(members, [.. members.Select(each => each.Weight)]);
    }

    private EndpointMember[] Members(int inFlight)
    {
        var members = new EndpointMember[Endpoints];
        for (int each = 0; each < Endpoints; each++)
        {
            var endpoint = new UpstreamEndpoint(
                each, "up", $"http://10.0.0.{each}:80", "up", new EndpointAddress("10.0.0.1", 80), _loops);
            endpoint.Load(_exchange.Loop).InFlight = inFlight;
            members[each] = new EndpointMember(endpoint, Weight: each < 5 ? 2 : 1);
        }
        return members;
    }
}
