using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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

    /// <summary>
    /// Which recorders have to be made anew, and whether the access log goes where it went: two at once would write
    /// over each other.
    /// </summary>
    public (bool AccessLog, bool IsSameLog, bool Traces, bool Compatibility) ChangesFrom(RecordingConfig before) => (
        Differ(AccessLog, before.AccessLog, RecordingJson.Default.AccessLogConfig),
        AccessLog.Target == before.AccessLog.Target && AccessLog.Path == before.AccessLog.Path,
        Differ(Tracing, before.Tracing, RecordingJson.Default.TracingConfig)
            || Differ(AccessLog.Redact, before.AccessLog.Redact, RecordingJson.Default.LogRedactionConfig),
        Differ(Metrics, before.Metrics, RecordingJson.Default.MetricsConfig));

    /// <summary>By content, secrets included: equality of arrays in records is of references.</summary>
    private static bool Differ<T>(T left, T right, JsonTypeInfo<T> type)
        where T : class =>
        !left.Equals(right)
        && JsonSerializer.Serialize(left, type) != JsonSerializer.Serialize(right, type);
}
