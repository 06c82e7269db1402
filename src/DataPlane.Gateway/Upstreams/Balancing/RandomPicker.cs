using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>Drawn by weight, independently each time.</summary>
internal sealed class RandomPicker(int[] weights, LoopRandom random) : IEndpointPicker
{
    private readonly byte[] _urn = WeightedSchedule.Build(weights);

    public int Pick(Exchange exchange, int attempt) => _urn[random.Next(exchange.Loop, _urn.Length)];
}
