using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Gateway.Upstreams.Health;
using DataPlane.Gateway.Upstreams.Names;
using DataPlane.Gateway.Upstreams.Opening;
using DataPlane.Gateway.Upstreams.Retries;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// A compiled upstream: its numbers, and the <see cref="EndpointSet"/> picked from at the moment, which is replaced as
/// a whole when members, health or weights change. Renting a warm connection: loop thread, 0 bytes.
/// </summary>
public sealed class Upstream
{
    /// <summary>Picks made to get past endpoints that failed before the others are looked through.</summary>
    private const int RetryPicks = 4;

    /// <summary>After a failed connect an endpoint is tried last for so long.</summary>
    private const int AvoidMs = 5_000;

    private readonly Lock _building = new();
    private readonly PickerFactory _pickers;
    private readonly ConnectionFinder _finder;
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
        Connector = connector;
        _finder = new ConnectionFinder(this, connector);
        _watcher = watcher;
        Health = new UpstreamHealth(this, settings.Health, settings.SlowStartMs, watcher, connector);
        _set = BuildSet(previous: null);
    }

    public string Name { get; }

    public UpstreamSettings Settings { get; }

    public UpstreamHealth Health { get; }

    /// <summary>Follows the names among the endpoints; null when there is none.</summary>
    public UpstreamMembers? Members { get; internal set; }

    /// <summary>Null when no endpoint speaks TLS.</summary>
    public UpstreamTls? Tls { get; init; }

    /// <summary>When exchanges are tried again; null for never.</summary>
    public RetryPolicy? Retries { get; init; }

    /// <summary>Most requests and circuit breaker; null without either.</summary>
    public UpstreamGate? Gate { get; init; }

    /// <summary>Its exchanges are streams that share connections.</summary>
    public bool IsHttp2 => Settings.Http2 is not null;

    internal IUpstreamConnector Connector { get; }

    /// <summary>Changes of health are told there; null for nobody.</summary>
    public HealthJournal? Journal { get; init; }

    /// <summary>Where exchanges wait for a connection; null when nobody may.</summary>
    public PendingQueue? Pending { get; init; }

    /// <summary>What picks are made from now. Any thread; read it once per decision.</summary>
    public EndpointSet Set => Volatile.Read(ref _set);

    /// <summary>Whom the upstream consists of now; <see cref="Set"/> follows. Any thread.</summary>
    public IReadOnlyList<EndpointMember> CurrentMembers => Volatile.Read(ref _members);

    public IReadOnlyList<UpstreamEndpoint> Endpoints => Set.Endpoints;

    /// <summary>
    /// Replaces the members, as a name service finds them; at most <see cref="Limits.EndpointsPerUpstream"/>. Exchanges
    /// under way keep the endpoint they have; those that are new begin slowly. Any thread; cold.
    /// </summary>
    public void SetMembers(EndpointMember[] members)
    {
        var known = CurrentMembers.Select(each => each.Endpoint).ToHashSet();
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
        return endpoint?.Pool(exchange.Loop.Index).TryRent(exchange, Settings.Greeting);
    }

    /// <summary>
    /// As <see cref="TryRent"/>, after a try that failed: on an endpoint not tried yet, as far as there is one. Null,
    /// too, when the exchange has to wait first.
    /// </summary>
    public UpstreamConnection? TryRentOther(Exchange exchange, out UpstreamEndpoint? endpoint)
    {
        endpoint = PickOther(exchange);
        if (endpoint is null || exchange.Retries!.DelayMs > 0) return null;
        return endpoint.Pool(exchange.Loop.Index).TryRent(exchange, Settings.Greeting);
    }

    /// <summary>
    /// The endpoint for another try, one not tried yet as far as there is one. Null when none has a weight.
    /// </summary>
    public UpstreamEndpoint? PickOther(Exchange exchange)
    {
        var retries = exchange.Retries!;
        var set = Set;
        var endpoint = set.Pick(exchange, retries.Attempts);
        for (int each = 1; each < RetryPicks && endpoint is not null && retries.HasFailed(endpoint); each++)
            endpoint = set.Pick(exchange, retries.Attempts + each);
        if (endpoint is null) return null;
        return retries.HasFailed(endpoint) ? _finder.NextOf(exchange, endpoint) ?? endpoint : endpoint;
    }

    /// <summary>After a connect failed: the next endpoint the exchange has not failed on; null without one.</summary>
    public UpstreamEndpoint? NextOf(Exchange exchange, UpstreamEndpoint failed) => _finder.NextOf(exchange, failed);

    /// <summary>
    /// Waits out the backoff of a retry. Completed, or how the exchange was cancelled meanwhile.
    /// </summary>
    public static ValueTask<ExchangeOutcome> DelayAsync(Exchange exchange) => ConnectionFinder.DelayAsync(exchange);

    /// <summary>
    /// A try on <paramref name="connection"/> is over, with this status when there was one: health hears of it, and the
    /// connection is kept or closed. True when it had most likely died while it was idle, which says nothing about its
    /// endpoint. Loop thread; 0 bytes.
    /// </summary>
    public bool EndTry(Exchange exchange, UpstreamConnection connection, ExchangeOutcome outcome, int status)
    {
        exchange.UpstreamEndTimestamp = exchange.Loop.NowTimestamp;
        bool isStale = connection.IsReused && outcome == ExchangeOutcome.UpstreamClosed;
        if (!isStale) Health.Observe(connection.Endpoint, exchange.Loop, outcome, status);
        if (outcome == ExchangeOutcome.Completed && connection.IsClean) connection.Return();
        else connection.Discard();
        return isStale;
    }

    /// <summary>
    /// Finds a connection when none was warm: opens one, beginning with <paramref name="first"/>, or waits for one.
    /// </summary>
    public ValueTask<LeaseResult> OpenAsync(Exchange exchange, UpstreamEndpoint? first) =>
        _finder.FindAsync(exchange, first);

    /// <summary>Tells that an endpoint took no connection. The loop that asked for one.</summary>
    public void OnConnectFailed(UpstreamEndpoint endpoint, EventLoop loop, ExchangeOutcome outcome)
    {
        endpoint.AvoidUntil(loop.NowMs + AvoidMs);
        Health.Observe(endpoint, loop, outcome, status: 0);
    }

    /// <summary>Tells why TLS did not come about with an endpoint.</summary>
    internal void OnHandshakeFailed(UpstreamEndpoint endpoint, string? reason)
    {
        if (Journal is { } journal) HealthLog.TlsFailed(journal.Logger, endpoint.Url, endpoint.Address, Name, reason);
    }

    private void BuildQueued()
    {
        // First the flag: what changes from now on is in this build, or queues another.
        Interlocked.Exchange(ref _isBuildQueued, 0);
        lock (_building) Build();
    }

    private void Build()
    {
        var previous = _set;
        Volatile.Write(ref _set, BuildSet(previous));
        if (_set.IsPanic && !previous.IsPanic && Journal is not null) HealthLog.Panic(Journal.Logger, Name);
    }

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
