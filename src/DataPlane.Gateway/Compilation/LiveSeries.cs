using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>The routes and endpoints of the snapshot in force, for the page's series. One scrape at a time.</summary>
public sealed class LiveSeries(SnapshotStore snapshots) : ISeriesScope
{
    private readonly HashSet<int> _routes = [];
    private readonly HashSet<int> _endpoints = [];
    private GatewaySnapshot? _seen;

    public void Refresh()
    {
        var snapshot = snapshots.Current;
        if (ReferenceEquals(snapshot, _seen)) return;
        _seen = snapshot;
        _routes.Clear();
        _endpoints.Clear();
        foreach (var route in snapshot.RouteList) _routes.Add(route.StateIndex);
        foreach (var upstream in snapshot.Upstreams)
        {
            foreach (var endpoint in upstream.Endpoints) _endpoints.Add(endpoint.StateIndex);
        }
    }

    public bool HasRoute(int stateIndex) => _routes.Contains(stateIndex);

    public bool HasEndpoint(int stateIndex) => _endpoints.Contains(stateIndex);
}
