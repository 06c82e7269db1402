using System.Collections.Immutable;
using DataPlane.Config;
using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Policies.RateLimiting;
using DataPlane.Gateway.Routing;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// A configuration compiled for the data plane: objects, not names. Published as one reference; immutable; an exchange
/// reads it once.
/// </summary>
public sealed class GatewaySnapshot
{
    /// <summary>1 for the first configuration of the process, and one more for each that was published.</summary>
    public required long Generation { get; init; }

    /// <summary>
    /// The sections it was compiled from that are no objects here; without routes, upstreams and policies, whose trees
    /// would make a snapshot many times as large.
    /// </summary>
    public required GatewayConfig Settings { get; init; }

    public required RouteTrie Routes { get; init; }

    public required ImmutableArray<Route> RouteList { get; init; }

    public required ImmutableArray<Upstream> Upstreams { get; init; }

    /// <summary>What other projects run for this generation, such as its functions.</summary>
    public ImmutableArray<ISnapshotService> Services { get; init; } = [];

    /// <summary>By the name of a listener that speaks it.</summary>
    public required IReadOnlyDictionary<string, ListenerTls> ListenerTls { get; init; }

    /// <summary>Of the admin listener; null for cleartext.</summary>
    public ListenerTls? AdminTls { get; init; }

    /// <summary>Each named policy once, and those that routes wrote in place.</summary>
    public ImmutableArray<RateLimiter> RateLimiters { get; init; } = [];

    /// <summary>The routes that cache.</summary>
    internal ImmutableArray<(string Route, CacheTally Tally)> CacheTallies { get; init; } = [];

    /// <summary>The responses stored for them; null while no route caches.</summary>
    internal ResponseCache? Cache { get; init; }

    public ImmutableArray<ConcurrencyLimiter> ConcurrencyLimiters { get; init; } = [];

    public required ForwardingSettings Forwarding { get; init; }

    public required ConnectionLimits ConnectionLimits { get; init; }

    public required AdmissionLimits Admission { get; init; }

    public required Http.HeadLimits ResponseHead { get; init; }

    /// <summary>The effective configuration as JSON, secrets masked, for the admin listener.</summary>
    public string EffectiveJson => Json.Value;

    /// <summary><see cref="EffectiveJson"/>, which takes long to write, and may be written later.</summary>
    public required Lazy<string> Json { get; init; }

    /// <summary>
    /// Counts the exchanges this generation serves while it, or the one after it, is rolled out; else null.
    /// </summary>
    public RolloutTally? Tally { get; set; }

    /// <summary>
    /// Takes stored responses out, or with <paramref name="isSoft"/> has them validated before they are used again.
    /// False when the value is no URL and has to be one. Any thread.
    /// </summary>
    public bool TryPurge(PurgeScope scope, string value, bool isSoft) =>
        CachePurge.TryRun(Cache?.Store, scope, value, isSoft);

    /// <summary>Begins to follow the upstreams' names and health; harmless when repeated. Any thread.</summary>
    public void Start()
    {
        foreach (var upstream in Upstreams)
        {
            upstream.Members?.Start();
            upstream.Health.Start();
        }
        foreach (var service in Services) service.Start();
    }

    /// <summary>
    /// Ends it: another snapshot has taken over. Exchanges that still use this one pick from what is known. Any thread.
    /// </summary>
    public void Stop()
    {
        foreach (var upstream in Upstreams)
        {
            upstream.Members?.Stop();
            upstream.Health.Stop();
        }
        foreach (var service in Services) service.Stop();
    }
}
