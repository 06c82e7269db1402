using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// The routes and endpoints of the generation in force and of the one being rolled out, for the page's series. One
/// scrape at a time; 0 bytes once the sets have their size.
/// </summary>
public sealed class LiveSeries(SnapshotStore snapshots) : ISeriesScope
{
    private readonly HashSet<int> _routes = [];
    private readonly HashSet<int> _endpoints = [];

    public void Refresh()
    {
        _routes.Clear();
        _endpoints.Clear();
        Add(snapshots.Current);
        if (snapshots.Candidate is { } candidate) Add(candidate.Snapshot);
    }

    public bool HasRoute(int stateIndex) => _routes.Contains(stateIndex);

    public bool HasEndpoint(int stateIndex) => _endpoints.Contains(stateIndex);

    private void Add(GatewaySnapshot snapshot)
    {
        foreach (var route in snapshot.RouteList) _routes.Add(route.StateIndex);
        foreach (var upstream in snapshot.Upstreams)
        {
            // Looked at each time: a name's endpoints come and go without a new snapshot.
            for (int each = 0; each < upstream.Endpoints.Count; each++)
                _endpoints.Add(upstream.Endpoints[each].StateIndex);
        }
    }
}
