using System.Buffers;
using System.Text;
using DataPlane.Admin;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Recording;

namespace DataPlane.Hosting;

/// <summary>What the admin listener shows, read from the snapshot in force. Any thread.</summary>
internal sealed class GatewayAdminSource(
    SnapshotStore snapshots,
    Generations? generations,
    ClientConnections connections,
    RecentErrors errors,
    MetricsPage metrics,
    Action drain) : IAdminSource
{
    private volatile bool _isServing;
    private volatile bool _isKnown;

    /// <summary>True between the bind and the drain.</summary>
    public bool IsServing
    {
        get => _isServing;
        set => _isServing = value;
    }

    public string ConfigVersion => generations?.Version
        ?? snapshots.Current.Generation.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public IReadOnlyList<AdminRoute> Routes
    {
        get
        {
            var snapshot = snapshots.Current;
            var targets = snapshot.RouteList.ToDictionary(
                each => each.Id, each => each.TargetKind, StringComparer.Ordinal);
            return [.. snapshot.Routes.Describe().Select(row => new AdminRoute(
                row.RouteId,
                row.Host == "*" ? [] : [row.Host],
                row.Path,
                row.Methods,
                row.Priority,
                targets.GetValueOrDefault(row.RouteId, "")))];
        }
    }

    public IReadOnlyList<AdminUpstream> Upstreams => [.. snapshots.Current.Upstreams.Select(UpstreamView.Of)];

    public ReadOnlyMemory<byte> EffectiveConfigJson() => Encoding.UTF8.GetBytes(snapshots.Current.EffectiveJson);

    public bool IsReady(out string reason)
    {
        reason = _isServing ? "" : "The gateway is starting or draining.";
        // At the start only: a reload that adds an endpoint must not take the gateway out of rotation.
        var unknown = _isKnown ? null : snapshots.Current.Upstreams.FirstOrDefault(each => !each.Health.IsKnown);
        _isKnown |= unknown is null;
        if (_isServing && unknown is not null) reason = $"Upstream {unknown.Name} is not checked yet.";
        return reason.Length == 0;
    }

    public void BeginDrain() => drain();

    public async Task<AdminConnections> ConnectionsAsync(int offset, int limit) =>
        new(connections.Open, offset, limit, await connections.ListAsync(offset, limit));

    public Task<IReadOnlyList<ErrorView>> ErrorsAsync(int limit) => errors.ListAsync(limit);

    public void WriteMetrics(IBufferWriter<byte> output, PrometheusFormat format) => metrics.Write(output, format);
}
