using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// A compiled upstream: its endpoints in the order of smooth weighted round robin (nginx's algorithm, worked out once),
/// and its numbers. Immutable apart from each loop's cursor. Renting a warm connection: loop thread, 0 bytes.
/// </summary>
public sealed class Upstream
{
    /// <summary>After a failed connect an endpoint is tried last for so long.</summary>
    private const int AvoidMs = 5_000;

    private readonly UpstreamEndpoint[] _endpoints;
    private readonly byte[] _schedule;
    private readonly Cursor[] _cursors;
    private readonly IUpstreamConnector _connector;

    public Upstream(
        string name, UpstreamEndpoint[] endpoints, int[] weights, UpstreamSettings settings,
        IUpstreamConnector connector, LoopSet loops)
    {
        Name = name;
        Settings = settings;
        _endpoints = endpoints;
        Weights = weights;
        _schedule = WeightedSchedule.Build(weights);
        _connector = connector;
        _cursors = new Cursor[loops.Count];
        for (int loop = 0; loop < loops.Count; loop++) _cursors[loop].Next = loop % Math.Max(1, _schedule.Length);
    }

    public string Name { get; }

    public UpstreamSettings Settings { get; }

    public IReadOnlyList<UpstreamEndpoint> Endpoints => _endpoints;

    /// <summary>In the order of <see cref="Endpoints"/>.</summary>
    public IReadOnlyList<int> Weights { get; }

    /// <summary>
    /// A warm connection of the endpoint whose turn it is, or null when one must be opened. <paramref name="endpoint"/>
    /// is the one picked; -1 when the upstream has none with a weight.
    /// </summary>
    public UpstreamConnection? TryRent(EventLoop loop, out int endpoint)
    {
        endpoint = Pick(loop);
        if (endpoint < 0) return null;
        var connection = _endpoints[endpoint].Pool(loop.Index).TryRent(loop.NowMs);
        connection?.Follow(Settings);
        return connection;
    }

    /// <summary>
    /// Opens a connection, beginning with <paramref name="first"/> and moving on to every other endpoint that has a
    /// weight when it fails. Cold: a new connection costs far more than what is allocated here.
    /// </summary>
    public async ValueTask<LeaseResult> OpenAsync(EventLoop loop, int first)
    {
        var outcome = ExchangeOutcome.UpstreamUnavailable;
        UpstreamEndpoint? last = null;
        for (int tried = 0; tried < _endpoints.Length && first >= 0; tried++)
        {
            var endpoint = _endpoints[(first + tried) % _endpoints.Length];
            if (tried > 0 && !_schedule.Contains((byte)((first + tried) % _endpoints.Length))) continue;
            if (tried > 0 && endpoint.Pool(loop.Index).TryRent(loop.NowMs) is { } pooled)
            {
                pooled.Follow(Settings);
                return new LeaseResult(pooled, ExchangeOutcome.Completed, endpoint);
            }
            last = endpoint;
            if (!endpoint.TryReserve(Settings.MaxConnections))
            {
                outcome = ExchangeOutcome.UpstreamOverloaded;
                continue;
            }
            var result = await ConnectAsync(endpoint, loop);
            if (result.Connection is { } connection)
            {
                endpoint.AvoidUntil(0);
                var opened = new UpstreamConnection(connection, endpoint.Pool(loop.Index), Settings);
                return new LeaseResult(opened, ExchangeOutcome.Completed, endpoint);
            }
            endpoint.Release();
            endpoint.AvoidUntil(loop.NowMs + AvoidMs);
            outcome = result.Fault == ConnectFault.TimedOut
                ? ExchangeOutcome.UpstreamConnectTimeout
                : ExchangeOutcome.UpstreamConnectFailed;
            if (!Settings.RetriesConnectFailure) break;
        }
        return new LeaseResult(null, outcome, last);
    }

    private async ValueTask<ConnectResult> ConnectAsync(UpstreamEndpoint endpoint, EventLoop loop)
    {
        var result = new ConnectResult(null, ConnectFault.Unreachable);
        foreach (var address in await endpoint.Address.ResolveAsync(loop.NowMs))
        {
            result = await _connector.ConnectAsync(address, loop, Settings.ConnectTimeoutMs);
            if (result.Connection is not null) break;
        }
        return result;
    }

    private int Pick(EventLoop loop)
    {
        if (_schedule.Length == 0) return -1;
        ref int next = ref _cursors[loop.Index].Next;
        int picked = Step(ref next);
        if (_endpoints.Length == 1 || !_endpoints[picked].IsAvoided(loop.NowMs)) return picked;
        for (int tries = 1; tries < _schedule.Length; tries++)
        {
            int other = Step(ref next);
            if (!_endpoints[other].IsAvoided(loop.NowMs)) return other;
        }
        return picked;
    }

    private int Step(ref int next)
    {
        int picked = _schedule[next];
        next = next + 1 == _schedule.Length ? 0 : next + 1;
        return picked;
    }

    /// <summary>Padded: neighbouring loops must not share a cache line.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 128)]
    private struct Cursor
    {
        [System.Runtime.InteropServices.FieldOffset(0)]
        public int Next;
    }
}
