using System.Buffers;
using System.Text;
using DataPlane.Admin;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Admin;

/// <summary>A gateway of constants.</summary>
internal sealed class FakeAdminSource : IAdminSource
{
    public string ConfigVersion { get; set; } = "v1";

    public string? Unready { get; set; }

    public int Drains { get; private set; }

    public IReadOnlyList<AdminRoute> Routes { get; } =
        [new("get-user", ["api.example.com"], "/users/{id}", ["GET"], 0, "upstream users")];

    public IReadOnlyList<AdminUpstream> Upstreams { get; } =
    [
        new("users", Panic: false,
            [new AdminEndpoint { Url = "http://127.0.0.1:9001", Healthy = true, Connections = 3, Idle = 2 }]),
    ];

    public ReadOnlyMemory<byte> EffectiveConfigJson() => Encoding.UTF8.GetBytes($"{{\"version\":\"{ConfigVersion}\"}}");

    public bool IsReady(out string reason)
    {
        reason = Unready ?? "";
        return Unready is null;
    }

    public void BeginDrain() => Drains++;

    public Task<AdminConnections> ConnectionsAsync(int offset, int limit) => Task.FromResult(
        new AdminConnections(
            3, offset, limit, [new("public", "active", "192.0.2.1", 4.5, 2, "GET", "get-user", 0.25, 1, 4096)]));

    public Task<IReadOnlyList<ErrorView>> ErrorsAsync(int limit) => Task.FromResult<IReadOnlyList<ErrorView>>(
    [
        new(DateTimeOffset.UnixEpoch, "id-1", "192.0.2.1", "GET", "/<b>", "get-user", "users", "http://127.0.0.1:9001",
            502, "upstream_closed", "upstream", 0.5),
    ]);

    public void WriteMetrics(IBufferWriter<byte> output, PrometheusFormat format) =>
        new MetricsPage(new ProcessMetrics("1.0.0")).Write(output, format);
}
