using System.Buffers;
using System.Text;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Gateway.Upstreams.Opening;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// One address of an upstream with what outlives a reload: its pools, one per loop, and its connection count. Found
/// again under (upstream, url) in the state table.
/// </summary>
public sealed class UpstreamEndpoint
{
    private readonly EndpointPool[] _pools;
    private readonly EndpointLoad[] _loads;
    private int _connections;
    private int _multiplexed;
    private long _avoidUntilMs;
    private bool _isRetired;

    public UpstreamEndpoint(
        int stateIndex, string upstream, string url, string authority, EndpointAddress address,
        LoopSet loops)
    {
        StateIndex = stateIndex;
        Upstream = upstream;
        Url = AddressUrl = url;
        Address = address;
        UpstreamNameUtf8 = Encoding.UTF8.GetBytes(upstream);
        AddressUtf8 = IdentityUtf8 = Encoding.UTF8.GetBytes(url);
        AuthorityUtf8 = Encoding.ASCII.GetBytes(authority);
        Health = new EndpointHealth(loops[0].Time);
        _loads = new EndpointLoad[loops.Count];
        _pools = new EndpointPool[loops.Count];
        for (int loop = 0; loop < _pools.Length; loop++) _pools[loop] = new EndpointPool(this, loops[loop]);
    }

    /// <summary>Stable over reloads; indexes the recorders' counters.</summary>
    public int StateIndex { get; }

    public string Upstream { get; }

    public string Url { get; }

    /// <summary>The URL of this very address, where <see cref="Url"/> is a name that has several.</summary>
    public string AddressUrl { get; init; }

    public EndpointAddress Address { get; }

    /// <summary>How connections begin TLS; null for cleartext.</summary>
    public EndpointTls? Tls { get; init; }

    public byte[] UpstreamNameUtf8 { get; }

    public byte[] AddressUtf8 { get; }

    /// <summary>What tells it from the upstream's others: the URL, and the address where a name has several.</summary>
    public byte[] IdentityUtf8 { get; init; }

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
            // Exchanges share these: none is idle while there is one.
            return InFlight == 0 ? idle + Volatile.Read(ref _multiplexed) : idle;
        }
    }

    public EndpointHealth Health { get; }

    /// <summary>What it did to connections of HTTP/2.</summary>
    public UpstreamFloods Floods { get; } = new();

    /// <summary>Exchanges judged for passive health since the process began, and the failed ones. Any thread.</summary>
    public (long Requests, long Failures) Observed
    {
        get
        {
            var sum = (Requests: 0L, Failures: 0L);
            foreach (ref var load in _loads.AsSpan())
            {
                sum.Requests += Volatile.Read(ref load.Requests);
                sum.Failures += Volatile.Read(ref load.Failures);
            }
            return sum;
        }
    }

    /// <summary>Exchanges sent, or waiting for a connection, over all loops. Any thread.</summary>
    public int InFlight => _loads.Sum(load => load.InFlight);

    /// <summary>What <paramref name="loop"/> has sent here. Only its own thread may write to it.</summary>
    public ref EndpointLoad Load(EventLoop loop) => ref _loads[loop.Index];

    /// <summary>Where exchanges of its upstream wait for a connection; null when nobody may.</summary>
    public PendingQueue? Pending { get; init; }

    /// <summary>
    /// Opens a connection, TLS included, within the time. <paramref name="greeting"/> comes before everything else on
    /// it. Loop thread; completes there; never throws.
    /// </summary>
    internal async ValueTask<ConnectResult> ConnectAsync(
        IUpstreamConnector connector, EventLoop loop, int timeoutMs, byte[]? greeting = null)
    {
        long startMs = loop.NowMs;
        var result = await connector.ConnectAsync(Address.EndPoint, loop, timeoutMs);
        if (result.Connection is not { } connection) return result;
        // Goes out with what is written next.
        if (greeting is not null) connection.Transport.Output.Write(greeting);
        if (Tls is null) return result;
        var tls = await Tls.ConnectAsync(connection, (int)Math.Max(1, timeoutMs - (loop.NowMs - startMs)));
        if (tls.Connection is not null) return new ConnectResult(tls.Connection, ConnectFault.None);
        if (tls.Fault == TlsFault.TimedOut) return new ConnectResult(null, ConnectFault.TimedOut);
        return new ConnectResult(null, ConnectFault.Tls) { Detail = $"{TlsFaults.Label(tls.Fault)}: {tls.Detail}" };
    }

    /// <summary>A pool of another loop than <paramref name="loop"/> that has idle connections; or null.</summary>
    internal EndpointPool? TryFindIdle(EventLoop loop) =>
        Array.Find(_pools, pool => pool.Loop != loop && pool.Idle > 0);

    public EndpointPool Pool(int loopIndex) => _pools[loopIndex];

    /// <summary>No configuration in force names it: its connections are closed instead of kept. Any thread.</summary>
    public bool IsRetired => Volatile.Read(ref _isRetired);

    /// <summary>
    /// Closes what is idle, on its loops; exchanges under way end first. Any thread.
    /// </summary>
    public void Retire()
    {
        Volatile.Write(ref _isRetired, true);
        foreach (var pool in _pools) pool.Loop.Post(static state => ((EndpointPool)state!).Clear(), pool);
    }

    /// <summary>A configuration about to come into force names it (again). Any thread.</summary>
    public void Revive()
    {
        if (!IsRetired) return;
        Health.BeginSlowStart(_pools[0].Loop.ClockMs);
        Volatile.Write(ref _isRetired, false);
    }

    /// <summary>Takes one of the endpoint's connections, unless <paramref name="max"/> are taken.</summary>
    public bool TryReserve(int max)
    {
        if (Interlocked.Increment(ref _connections) <= max) return true;
        Interlocked.Decrement(ref _connections);
        return false;
    }

    /// <summary>Gives one back, to whoever waits for one.</summary>
    public void Release()
    {
        Interlocked.Decrement(ref _connections);
        Pending?.Freed();
    }

    /// <summary>Of the connections, those that carry many exchanges at once: opened, or closed. Any thread.</summary>
    internal void CountMultiplexed(int opened) => Interlocked.Add(ref _multiplexed, opened);

    /// <summary>
    /// After a failed connect the endpoint is tried last until then. Racing loops write much the same time.
    /// </summary>
    public void AvoidUntil(long nowMs) => Volatile.Write(ref _avoidUntilMs, nowMs);

    public bool IsAvoided(long nowMs) => nowMs < Volatile.Read(ref _avoidUntilMs);

    /// <summary>For people and metrics: the last connect failed and its time is not up. Any thread.</summary>
    public bool IsAvoidedNow => IsAvoided(_pools[0].Loop.ClockMs);
}
