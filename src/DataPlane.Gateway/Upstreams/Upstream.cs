using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Balancing;
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

    private readonly Lock _building = new();
    private readonly PickerFactory _pickers;
    private readonly ConnectionFinder _finder;
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
        _finder = new ConnectionFinder(this, connector);
        _set = BuildSet();
    }

    public string Name { get; }

    public UpstreamSettings Settings { get; }

    /// <summary>When exchanges are tried again; null for never.</summary>
    public RetryPolicy? Retries { get; init; }

    /// <summary>Most requests and circuit breaker; null without either.</summary>
    public UpstreamGate? Gate { get; init; }

    /// <summary>Where exchanges wait for a connection; null when nobody may.</summary>
    public PendingQueue? Pending { get; init; }

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
    /// As <see cref="TryRent"/>, after a try that failed: on an endpoint not tried yet, as far as there is one. Null,
    /// too, when the exchange has to wait first.
    /// </summary>
    public UpstreamConnection? TryRentOther(Exchange exchange, out UpstreamEndpoint? endpoint)
    {
        var retries = exchange.Retries!;
        var set = Set;
        endpoint = set.Pick(exchange, retries.Attempts);
        for (int each = 1; each < RetryPicks && endpoint is not null && retries.HasFailed(endpoint); each++)
            endpoint = set.Pick(exchange, retries.Attempts + each);
        if (endpoint is null) return null;
        if (retries.HasFailed(endpoint)) endpoint = _finder.NextOf(exchange, endpoint) ?? endpoint;
        return retries.DelayMs > 0 ? null : endpoint.Pool(exchange.Loop.Index).TryRent(exchange.Loop.NowMs);
    }

    /// <summary>
    /// Finds a connection when none was warm: opens one, beginning with <paramref name="first"/>, or waits for one.
    /// </summary>
    public ValueTask<LeaseResult> OpenAsync(Exchange exchange, UpstreamEndpoint? first) =>
        _finder.FindAsync(exchange, first);

    private EndpointSet BuildSet()
    {
        var weights = new EffectiveWeights(Array.ConvertAll(_members, each => each.Weight), IsPanic: false);
        return new EndpointSet(_members, weights, _pickers.Create(_members, weights.Weights));
    }
}
