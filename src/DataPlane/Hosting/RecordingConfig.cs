using System.Text.Json;
using DataPlane.Config;

namespace DataPlane.Hosting;

/// <summary>
/// What recorders are made from. Not the whole configuration, whose trees would stay alive.
/// </summary>
internal sealed record RecordingConfig(
    AccessLogConfig AccessLog, LogConfig Log, TracingConfig Tracing, MetricsConfig Metrics)
{
    public static RecordingConfig Of(GatewayConfig config) =>
        new(config.AccessLog, config.Log, config.Tracing, config.Metrics);

    /// <summary>Which recorders have to be made anew.</summary>
    public (bool AccessLog, bool Traces, bool Compatibility) ChangesFrom(RecordingConfig before) => (
        Differ(AccessLog, before.AccessLog),
        Differ(Tracing, before.Tracing) || Differ(AccessLog.Redact, before.AccessLog.Redact),
        Differ(Metrics, before.Metrics));

    /// <summary>By content, secrets included: equality of arrays in records is of references.</summary>
    private static bool Differ<T>(T left, T right) =>
        JsonSerializer.Serialize(left) != JsonSerializer.Serialize(right);
}
