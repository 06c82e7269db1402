using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// The routes and endpoints of the snapshots that serve, for the page's series. One scrape at a time.
/// </summary>
public sealed class LiveSeries(SnapshotStore snapshots) : ISeriesScope
{
    private readonly HashSet<int> _routes = [];
    private readonly HashSet<int> _endpoints = [];
    private GatewaySnapshot? _seen;
    private GatewaySnapshot? _seenCandidate;

    public void Refresh()
    {
        var snapshot = snapshots.Current;
        var candidate = snapshots.Candidate?.Snapshot;
        if (ReferenceEquals(snapshot, _seen) && ReferenceEquals(candidate, _seenCandidate)) return;
        _seen = snapshot;
        _seenCandidate = candidate;
        _routes.Clear();
        _endpoints.Clear();
        Add(snapshot);
        if (candidate is not null) Add(candidate);
    }

    public bool HasRoute(int stateIndex) => _routes.Contains(stateIndex);

    public bool HasEndpoint(int stateIndex) => _endpoints.Contains(stateIndex);

    private void Add(GatewaySnapshot snapshot)
    {
        foreach (var route in snapshot.RouteList) _routes.Add(route.StateIndex);
        foreach (var upstream in snapshot.Upstreams)
        {
            foreach (var endpoint in upstream.Endpoints) _endpoints.Add(endpoint.StateIndex);
        }
    }
}
