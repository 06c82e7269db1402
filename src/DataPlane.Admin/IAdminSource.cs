using System.Buffers;
using DataPlane.Gateway.Recording;

namespace DataPlane.Admin;

/// <summary>What the admin listener shows and commands; the composition root implements it. Any thread.</summary>
public interface IAdminSource
{
    /// <summary>Names the configuration in force, for ETag: without quotes, changes with every reload.</summary>
    string ConfigVersion { get; }

    /// <summary>In match order.</summary>
    IReadOnlyList<AdminRoute> Routes { get; }

    IReadOnlyList<AdminUpstream> Upstreams { get; }

    /// <summary>The effective configuration as JSON, secrets masked.</summary>
    ReadOnlyMemory<byte> EffectiveConfigJson();

    /// <summary>False while the gateway should get no new clients; the reason is shown to whoever probes.</summary>
    bool IsReady(out string reason);

    /// <summary>Begins to drain and returns at once; harmless when repeated.</summary>
    void BeginDrain();

    /// <summary>A page of the open client connections.</summary>
    Task<AdminConnections> ConnectionsAsync(int offset, int limit);

    /// <summary>The last failed exchanges, the youngest first.</summary>
    Task<IReadOnlyList<ErrorView>> ErrorsAsync(int limit);

    void WriteMetrics(IBufferWriter<byte> output, PrometheusFormat format);
}
