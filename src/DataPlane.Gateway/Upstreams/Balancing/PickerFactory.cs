using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// Makes the pickers of one upstream, by the method its configuration chose. Any thread; cold.
/// </summary>
public sealed class PickerFactory
{
    private readonly LoadBalancingConfig _config;
    private readonly HashKey? _key;
    private readonly int _loopCount;
    private readonly LoopRandom _random;

    /// <summary>Random choices of upstreams with different names do not follow each other.</summary>
    public PickerFactory(LoadBalancingConfig config, string upstream, int loopCount)
    {
        _config = config;
        _key = config.Key is null ? null : new HashKey(config.Key);
        _loopCount = loopCount;
        _random = new LoopRandom(loopCount, Hashing.Of(Encoding.UTF8.GetBytes(upstream), seed: 0));
    }

    /// <summary>A picker takes milliseconds to make: keep that off the loops.</summary>
    public bool IsSlow => _config.Method == LoadBalancingMethod.ConsistentHash;

    /// <summary>Weights are in the order of the members.</summary>
    public IEndpointPicker Create(EndpointMember[] members, int[] weights)
    {
        int inRotation = weights.Count(weight => weight > 0);
        if (inRotation <= 1) return new SinglePicker(Array.FindIndex(weights, weight => weight > 0));
        var endpoints = Array.ConvertAll(members, each => each.Endpoint);
        return _config.Method switch
        {
            LoadBalancingMethod.LeastRequests => new LeastRequestsPicker(endpoints, weights, _random),
            LoadBalancingMethod.Random => new RandomPicker(weights, _random),
            LoadBalancingMethod.ConsistentHash =>
                new ConsistentHashPicker(endpoints, weights, _key!, _config.BalanceFactor, _random),
            _ => new RoundRobinPicker(weights, _loopCount),
        };
    }
}
