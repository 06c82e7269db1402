using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// The power of two choices (Mitzenmacher, 2001): two endpoints are drawn by weight, and the one with fewer exchanges
/// in flight for its weight is taken; the first one drawn when both are equal, so that idle endpoints share by weight.
/// A loop counts its own exchanges: a slow endpoint fills up on each loop alike, and no counter is fought over.
/// </summary>
internal sealed class LeastRequestsPicker : IEndpointPicker
{
    private readonly UpstreamEndpoint[] _endpoints;
    private readonly int[] _weights;
    private readonly byte[] _urn;
    private readonly LoopRandom _random;

    /// <summary>At least two weights are above 0.</summary>
    public LeastRequestsPicker(UpstreamEndpoint[] endpoints, int[] weights, LoopRandom random)
    {
        _endpoints = endpoints;
        _weights = weights;
        _urn = WeightedSchedule.Build(weights);
        _random = random;
    }

    public int Pick(Exchange exchange, int attempt)
    {
        var loop = exchange.Loop;
        int at = _random.Next(loop, _urn.Length);
        int first = _urn[at];
        int second = Another(at, _random.Next(loop, _urn.Length - 1));
        return Load(second, loop) * _weights[first] < Load(first, loop) * _weights[second] ? second : first;
    }

    private long Load(int index, EventLoop loop) => _endpoints[index].Load(loop).InFlight;

    /// <summary>
    /// The endpoint so many places on, or the next one that is not the first: the urn has two or more.
    /// </summary>
    private int Another(int at, int distance)
    {
        int first = _urn[at];
        int place = at + 1 + distance;
        if (place >= _urn.Length) place -= _urn.Length;
        while (_urn[place] == first) place = place + 1 == _urn.Length ? 0 : place + 1;
        return _urn[place];
    }
}
