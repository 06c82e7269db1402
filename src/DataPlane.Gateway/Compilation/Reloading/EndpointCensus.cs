using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Which endpoints the generations that serve have: those that stay keep their connections and what is known of them,
/// those that left are emptied. One thread at a time.
/// </summary>
internal sealed class EndpointCensus
{
    private HashSet<UpstreamEndpoint> _living;

    public EndpointCensus(GatewaySnapshot first) => _living = EndpointsOf(first);

    /// <summary>Before a generation serves for the first time.</summary>
    public void Admit(GatewaySnapshot snapshot)
    {
        foreach (var endpoint in EndpointsOf(snapshot))
        {
            if (_living.Add(endpoint)) endpoint.Revive();
        }
    }

    /// <summary>After a generation has stopped serving.</summary>
    public void Retire(SnapshotStore store)
    {
        var living = EndpointsOf(store.Current);
        if (store.Candidate is { } candidate) living.UnionWith(EndpointsOf(candidate.Snapshot));
        _living.ExceptWith(living);
        foreach (var endpoint in _living) endpoint.Retire();
        _living = living;
    }

    private static HashSet<UpstreamEndpoint> EndpointsOf(GatewaySnapshot snapshot) =>
        snapshot.Upstreams.SelectMany(upstream => upstream.Endpoints).ToHashSet();
}
