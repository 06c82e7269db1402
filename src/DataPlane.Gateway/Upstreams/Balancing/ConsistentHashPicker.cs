using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// The same endpoint for the same key, by a <see cref="MaglevTable"/>, as long as the endpoint has room: with bounded
/// load (Mirrokni et al., 2017) one that has more in flight than so many percent of its fair share passes its keys on
/// to the next in their order. An exchange without the key gets any endpoint, by weight.
/// </summary>
internal sealed class ConsistentHashPicker : IEndpointPicker
{
    private readonly UpstreamEndpoint[] _endpoints;
    private readonly int[] _weights;
    private readonly long _totalWeight;
    private readonly byte[] _table;
    private readonly HashKey _key;
    private readonly int _balanceFactor;
    private readonly LoopRandom _random;

    /// <summary>
    /// At least two weights are above 0. A <paramref name="balanceFactor"/> is in percent; 0 for no bound.
    /// </summary>
    public ConsistentHashPicker(
        UpstreamEndpoint[] endpoints, int[] weights, HashKey key, int balanceFactor, LoopRandom random)
    {
        _endpoints = endpoints;
        _weights = weights;
        _totalWeight = weights.Sum(each => (long)each);
        _table = MaglevTable.Build(Array.ConvertAll(endpoints, each => each.IdentityUtf8), weights);
        _key = key;
        _balanceFactor = balanceFactor;
        _random = random;
    }

    public int Pick(Exchange exchange, int attempt)
    {
        if (!_key.TryHash(exchange, out ulong hash)) return _table[_random.Next(exchange.Loop, MaglevTable.Size)];
        int picked = _table[hash % MaglevTable.Size];
        return attempt == 0 && HasRoom(picked, exchange.Loop) ? picked : Successor(exchange.Loop, hash, attempt);
    }

    /// <summary>
    /// Below <see cref="Limits.LeastBoundedRequests"/> in flight nobody is overloaded: a client that sends two requests
    /// at once on a quiet night keeps its endpoint.
    /// </summary>
    private bool HasRoom(int index, EventLoop loop)
    {
        int inFlight = _endpoints[index].Load(loop).InFlight;
        return _balanceFactor == 0 || inFlight < Limits.LeastBoundedRequests || IsBelowBound(index, inFlight, loop);
    }

    /// <summary>With this exchange it has no more than its share times the factor, rounded up.</summary>
    private bool IsBelowBound(int index, long inFlight, EventLoop loop)
    {
        long total = 1;
        for (int each = 0; each < _endpoints.Length; each++)
        {
            if (_weights[each] > 0) total += _endpoints[each].Load(loop).InFlight;
        }
        return inFlight * 100 * _totalWeight < total * _balanceFactor * _weights[index];
    }

    /// <summary>
    /// The key's own order of the endpoints, walked until one has room and <paramref name="attempt"/> others that have
    /// were passed. Each hash of the hash finds one; those found before are skipped.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Successor(EventLoop loop, ulong hash, int attempt)
    {
        Span<ulong> seen = stackalloc ulong[(Limits.EndpointsPerUpstream + 64) / 64];
        seen.Clear();
        int last = _table[hash % MaglevTable.Size];
        for (int probe = 0; probe < Limits.HashProbes; probe++, hash = Hashing.Mix(hash + 1))
        {
            int index = _table[hash % MaglevTable.Size];
            ulong bit = 1UL << (index & 63);
            if ((seen[index >> 6] & bit) != 0) continue;
            seen[index >> 6] |= bit;
            if (!HasRoom(index, loop)) continue;
            last = index;
            if (attempt-- == 0) return index;
        }
        return last;
    }
}
