using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Which endpoints the generations that serve have: those that stay keep their connections and what is known of them,
/// those that left are emptied. One thread at a time.
/// </summary>
internal sealed class EndpointCensus(GatewaySnapshot first)
{
    private List<GatewaySnapshot> _serving = [first];

    /// <summary>Before a generation serves for the first time.</summary>
    public void Admit(GatewaySnapshot snapshot)
    {
        _serving.Add(snapshot);
        foreach (var endpoint in EndpointsOf([snapshot])) endpoint.Revive();
    }

    /// <summary>After a generation has stopped serving.</summary>
    public void Retire(SnapshotStore store)
    {
        var left = EndpointsOf(_serving);
        _serving = [store.Current];
        if (store.Candidate is { } candidate) _serving.Add(candidate.Snapshot);
        var living = EndpointsOf(_serving);
        left.ExceptWith(living);
        foreach (var endpoint in left) endpoint.Retire();
        // Those behind a name may be known only since the generation serves.
        foreach (var endpoint in living) endpoint.Revive();
    }

    private static HashSet<UpstreamEndpoint> EndpointsOf(IEnumerable<GatewaySnapshot> snapshots) =>
        snapshots.SelectMany(snapshot => snapshot.Upstreams).SelectMany(upstream => upstream.Endpoints).ToHashSet();
}
