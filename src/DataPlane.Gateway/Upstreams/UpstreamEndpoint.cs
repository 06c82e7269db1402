using System.Text;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// One address of an upstream with what outlives a reload: its pools, one per loop, and its connection count. Found
/// again under (upstream, url) in the state table.
/// </summary>
public sealed class UpstreamEndpoint
{
    private readonly EndpointPool[] _pools;
    private int _connections;
    private long _avoidUntilMs;

    public UpstreamEndpoint(
        int stateIndex, string upstream, string url, string authority, EndpointAddress address,
        LoopSet loops)
    {
        StateIndex = stateIndex;
        Upstream = upstream;
        Url = url;
        Address = address;
        UpstreamNameUtf8 = Encoding.UTF8.GetBytes(upstream);
        AddressUtf8 = Encoding.UTF8.GetBytes(url);
        AuthorityUtf8 = Encoding.ASCII.GetBytes(authority);
        _pools = new EndpointPool[loops.Count];
        for (int loop = 0; loop < _pools.Length; loop++) _pools[loop] = new EndpointPool(this, loops[loop]);
    }

    /// <summary>Stable over reloads; indexes the recorders' counters.</summary>
    public int StateIndex { get; }

    public string Upstream { get; }

    public string Url { get; }

    public EndpointAddress Address { get; }

    public byte[] UpstreamNameUtf8 { get; }

    public byte[] AddressUtf8 { get; }

    /// <summary>Host of a request that came without one (HTTP/1.0).</summary>
    public byte[] AuthorityUtf8 { get; }

    /// <summary>Open connections over all loops. Any thread.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Idle connections over all loops; a loop may be a moment ahead. Any thread.</summary>
    public int Idle
    {
        get
        {
            int idle = 0;
            foreach (var pool in _pools) idle += pool.Idle;
            return idle;
        }
    }

    public EndpointPool Pool(int loopIndex) => _pools[loopIndex];

    /// <summary>Takes one of the endpoint's connections, unless <paramref name="max"/> are taken.</summary>
    public bool TryReserve(int max)
    {
        if (Interlocked.Increment(ref _connections) <= max) return true;
        Interlocked.Decrement(ref _connections);
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _connections);

    /// <summary>
    /// After a failed connect the endpoint is tried last until then. Racing loops write much the same time.
    /// </summary>
    public void AvoidUntil(long nowMs) => Volatile.Write(ref _avoidUntilMs, nowMs);

    public bool IsAvoided(long nowMs) => nowMs < Volatile.Read(ref _avoidUntilMs);

    /// <summary>For people and metrics: the last connect failed and its time is not up. Any thread.</summary>
    public bool IsAvoidedNow => IsAvoided(_pools[0].Loop.NowMs);
}
