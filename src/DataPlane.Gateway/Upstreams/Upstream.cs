using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Gateway.Upstreams.Health;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// A compiled upstream: its numbers, and the <see cref="EndpointSet"/> picked from at the moment, which is replaced as
/// a whole when members, health or weights change. Renting a warm connection: loop thread, 0 bytes.
/// </summary>
public sealed class Upstream
{
    /// <summary>After a failed connect an endpoint is tried last for so long.</summary>
    private const int AvoidMs = 5_000;

    private readonly Lock _building = new();
    private readonly PickerFactory _pickers;
    private readonly IUpstreamConnector _connector;
    private readonly EventLoop _watcher;
    private EndpointMember[] _members;
    private EndpointSet _set;
    private int _isBuildQueued;

    /// <summary><paramref name="watcher"/> is the loop that health is watched from.</summary>
    public Upstream(
        string name, EndpointMember[] members, PickerFactory pickers, UpstreamSettings settings,
        IUpstreamConnector connector, EventLoop watcher)
    {
        Name = name;
        Settings = settings;
        _members = members;
        _pickers = pickers;
        _connector = connector;
        _watcher = watcher;
        Health = new UpstreamHealth(this, settings.Health, settings.SlowStartMs, watcher, connector);
        _set = BuildSet(previous: null);
    }

    public string Name { get; }

    public UpstreamSettings Settings { get; }

    public UpstreamHealth Health { get; }

    /// <summary>What picks are made from now. Any thread; read it once per decision.</summary>
    public EndpointSet Set => Volatile.Read(ref _set);

    /// <summary>Whom the upstream consists of now; <see cref="Set"/> follows. Any thread.</summary>
    public IReadOnlyList<EndpointMember> Members => Volatile.Read(ref _members);

    public IReadOnlyList<UpstreamEndpoint> Endpoints => Set.Endpoints;

    /// <summary>
    /// Replaces the members, as a name service finds them; at most <see cref="Limits.EndpointsPerUpstream"/>. Exchanges
    /// under way keep the endpoint they have; those that are new begin slowly. Any thread; cold.
    /// </summary>
    public void SetMembers(EndpointMember[] members)
    {
        var known = Members.Select(each => each.Endpoint).ToHashSet();
        foreach (var member in members)
        {
            // The first answer of a name service is no addition.
            bool isAdded = known.Count > 0 && !known.Contains(member.Endpoint);
            if (isAdded) member.Endpoint.Health.BeginSlowStart(_watcher.ClockMs);
        }
        Volatile.Write(ref _members, members);
        Refresh();
        Health.OnMembersChanged();
    }

    /// <summary>
    /// Works the set out anew, after something it is made from has changed; on another thread when that takes long. Any
    /// thread; cold.
    /// </summary>
    public void Refresh()
    {
        if (!_pickers.IsSlow)
        {
            lock (_building) Build();
        }
        else if (Interlocked.Exchange(ref _isBuildQueued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static upstream => upstream.BuildQueued(), this, preferLocal: false);
        }
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
                Health.Observe(endpoint, loop, outcome, status: 0);
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

    private void BuildQueued()
    {
        // First the flag: what changes from now on is in this build, or queues another.
        Interlocked.Exchange(ref _isBuildQueued, 0);
        lock (_building) Build();
    }

    private void Build() => Volatile.Write(ref _set, BuildSet(_set));

    /// <summary>The previous set when it would come out the same: its pickers know where they were.</summary>
    private EndpointSet BuildSet(EndpointSet? previous)
    {
        var members = Volatile.Read(ref _members);
        long nowMs = _watcher.ClockMs;
        int[] availability = Array.ConvertAll(members, each => Health.Availability(each.Endpoint, nowMs));
        var effective = EffectiveWeights.Of(members, availability, Health.PanicThreshold);
        bool isSame = previous is not null
            && previous.IsPanic == effective.IsPanic
            && previous.Weights.SequenceEqual(effective.Weights)
            && previous.Members.SequenceEqual(members);
        return isSame
            ? previous!
            : new EndpointSet(members, effective, _pickers.Create(members, effective.Weights));
    }
}
