using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams.Balancing;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// A compiled upstream: its numbers, and the <see cref="EndpointSet"/> picked from at the moment, which is replaced as a
/// whole when members, health or weights change. Renting a warm connection: loop thread, 0 bytes.
/// </summary>
public sealed class Upstream
{
    /// <summary>After a failed connect an endpoint is tried last for so long.</summary>
    private const int AvoidMs = 5_000;

    private readonly Lock _building = new();
    private readonly PickerFactory _pickers;
    private readonly IUpstreamConnector _connector;
    private EndpointMember[] _members;
    private EndpointSet _set;

    public Upstream(
        string name, EndpointMember[] members, PickerFactory pickers, UpstreamSettings settings,
        IUpstreamConnector connector)
    {
        Name = name;
        Settings = settings;
        _members = members;
        _pickers = pickers;
        _connector = connector;
        _set = BuildSet();
    }

    public string Name { get; }

    public UpstreamSettings Settings { get; }

    /// <summary>What picks are made from now. Any thread; read it once per decision.</summary>
    public EndpointSet Set => Volatile.Read(ref _set);

    public IReadOnlyList<UpstreamEndpoint> Endpoints => Set.Endpoints;

    /// <summary>
    /// Replaces the members, as a name service or a reload finds them; at most
    /// <see cref="Limits.EndpointsPerUpstream"/>. Exchanges under way keep the endpoint they have. Any thread; cold.
    /// </summary>
    public void SetMembers(EndpointMember[] members)
    {
        lock (_building)
        {
            _members = members;
            Volatile.Write(ref _set, BuildSet());
        }
    }

    /// <summary>Works the set out anew, after something it is made from has changed. Any thread; cold.</summary>
    public void Refresh()
    {
        lock (_building) Volatile.Write(ref _set, BuildSet());
    }

    /// <summary>
    /// A warm connection of the endpoint whose turn it is, or null when one must be opened. <paramref name="endpoint"/>
    /// is the one picked; null when the upstream has none with a weight.
    /// </summary>
    public UpstreamConnection? TryRent(Exchange exchange, out UpstreamEndpoint? endpoint)
    {
        endpoint = Set.Pick(exchange);
        return endpoint?.Pool(exchange.Loop.Index).TryRent(exchange.Loop.NowMs);
    }

    /// <summary>
    /// Opens a connection, beginning with <paramref name="first"/> and moving on to every other endpoint that has a
    /// weight when it fails. Cold: a new connection costs far more than what is allocated here.
    /// </summary>
    public async ValueTask<LeaseResult> OpenAsync(EventLoop loop, UpstreamEndpoint? first)
    {
        var outcome = ExchangeOutcome.UpstreamUnavailable;
        var endpoint = first;
        var set = Set;
        int start = first is null ? -1 : Math.Max(0, set.IndexOf(first));
        int steps = 0;
        while (endpoint is not null)
        {
            if (endpoint.TryReserve(Settings.MaxConnections))
            {
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
                if (!Settings.RetriesConnectFailure) return new LeaseResult(null, outcome, endpoint);
            }
            else
            {
                outcome = ExchangeOutcome.UpstreamOverloaded;
            }
            int next = set.Next(start, ref steps);
            if (next < 0) return new LeaseResult(null, outcome, endpoint);
            endpoint = set.Endpoints[next];
            if (endpoint.Pool(loop.Index).TryRent(loop.NowMs) is { } pooled)
            {
                return new LeaseResult(pooled, ExchangeOutcome.Completed, endpoint);
            }
        }
        return new LeaseResult(null, outcome, null);
    }

    private async ValueTask<ConnectResult> ConnectAsync(UpstreamEndpoint endpoint, EventLoop loop)
    {
        endpoint.Load(loop).InFlight++;
        var result = new ConnectResult(null, ConnectFault.Unreachable);
        foreach (var address in await endpoint.Address.ResolveAsync(loop.NowMs))
        {
            result = await _connector.ConnectAsync(address, loop, Settings.ConnectTimeoutMs);
            if (result.Connection is not null) break;
        }
        endpoint.Load(loop).InFlight--;
        return result;
    }

    private EndpointSet BuildSet()
    {
        var weights = new EffectiveWeights(Array.ConvertAll(_members, each => each.Weight), IsPanic: false);
        return new EndpointSet(_members, weights, _pickers.Create(_members, weights.Weights));
    }
}
