using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Balancing;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// The endpoints of an upstream as they are picked right now: members, the weights that health, priorities and slow
/// start leave them, and the picker made from both. Immutable; published as one reference by <see cref="Upstream"/>, so
/// that a pick never sees half a change. Picking: loop thread, 0 bytes.
/// </summary>
public sealed class EndpointSet
{
    /// <summary>
    /// Picks made to get past endpoints that refuse connections before the others are looked through.
    /// </summary>
    private const int AvoidingPicks = 4;

    private readonly UpstreamEndpoint[] _endpoints;
    private readonly int[] _weights;
    private readonly IEndpointPicker _picker;

    public EndpointSet(EndpointMember[] members, EffectiveWeights effective, IEndpointPicker picker)
    {
        Members = members;
        _endpoints = Array.ConvertAll(members, each => each.Endpoint);
        _weights = effective.Weights;
        IsPanic = effective.IsPanic;
        _picker = picker;
    }

    public IReadOnlyList<EndpointMember> Members { get; }

    /// <summary>In the order of <see cref="Members"/>.</summary>
    public IReadOnlyList<UpstreamEndpoint> Endpoints => _endpoints;

    /// <summary>
    /// In the order of <see cref="Members"/>; 0 for what is not picked now. Only their proportions mean something.
    /// </summary>
    public IReadOnlyList<int> Weights => _weights;

    /// <summary>So few endpoints are healthy that health is ignored.</summary>
    public bool IsPanic { get; }

    /// <summary>
    /// The endpoint for an exchange; null when none has a weight. Further attempts of an exchange ask for what differs
    /// from the choice before, as far as there is something else. An endpoint that refused a connection a moment ago is
    /// passed over while another is left.
    /// </summary>
    public UpstreamEndpoint? Pick(Exchange exchange, int attempt = 0)
    {
        int picked = _picker.Pick(exchange, attempt);
        if (picked < 0) return null;
        var endpoint = _endpoints[picked];
        return _endpoints.Length == 1 || !endpoint.IsAvoided(exchange.Loop.NowMs)
            ? endpoint
            : PickOther(exchange, attempt, picked);
    }

    /// <summary>
    /// The endpoint to try after the one at <paramref name="tried"/>: those in rotation in their order, then those that
    /// health took out of it, as a last resort. -1 at the end, or when <paramref name="steps"/> is exhausted.
    /// </summary>
    public int Next(int tried, ref int steps)
    {
        int count = _endpoints.Length;
        while (++steps < 2 * count)
        {
            int index = (tried + steps) % count;
            if (index == tried) continue;
            bool inRotation = _weights[index] > 0;
            if (steps < count ? inRotation : !inRotation && Members[index].Weight > 0) return index;
        }
        return -1;
    }

    public int IndexOf(UpstreamEndpoint endpoint) => Array.IndexOf(_endpoints, endpoint);

    private UpstreamEndpoint PickOther(Exchange exchange, int attempt, int picked)
    {
        long nowMs = exchange.Loop.NowMs;
        for (int tries = 1; tries <= AvoidingPicks; tries++)
        {
            var other = _endpoints[_picker.Pick(exchange, attempt + tries)];
            if (!other.IsAvoided(nowMs)) return other;
        }
        for (int steps = 1; steps < _endpoints.Length; steps++)
        {
            int index = (picked + steps) % _endpoints.Length;
            if (_weights[index] > 0 && !_endpoints[index].IsAvoided(nowMs)) return _endpoints[index];
        }
        return _endpoints[picked];
    }
}
