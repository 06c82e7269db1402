using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>What becomes of the configurations the process is given. Any thread.</summary>
public sealed class ReloadMetrics(SnapshotStore snapshots, Reloader? reloader) : IMetricSource
{
    private static readonly byte[] s_applied = MetricLabel.Render("result", "applied");
    private static readonly byte[] s_refused = MetricLabel.Render("result", "refused");

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_config_generation"u8, MetricKind.Gauge, "Number of the configuration in force."u8);
        text.Sample(snapshots.Current.Generation);
        text.Family("dataplane_config_last_reload_success"u8, MetricKind.Gauge,
            "1 when the last configuration given is the one in force, or being rolled out."u8);
        text.Sample(reloader is null or { LastSucceeded: true } ? 1 : 0);
        text.Family("dataplane_config_last_reload_success_timestamp_seconds"u8, MetricKind.Gauge,
            "When a configuration was last accepted, seconds since the epoch."u8);
        // A configuration that cannot change has no series of changes, but their families are known.
        if (reloader is not null) text.Sample(reloader.LastReload.ToUnixTimeMilliseconds() / 1000.0);
        text.Family("dataplane_config_last_reload_duration_seconds"u8, MetricKind.Gauge,
            "Reading, checking and compiling the configuration given last."u8);
        if (reloader is not null) text.Sample(reloader.Last?.Duration.TotalSeconds ?? 0);
        text.Family("dataplane_config_reloads"u8, MetricKind.Counter,
            "Configurations given to the running process, by result."u8);
        if (reloader is not null) text.Sample(reloader.Applied, s_applied);
        if (reloader is not null) text.Sample(reloader.Refused, s_refused);
        text.Family("dataplane_config_rollbacks"u8, MetricKind.Counter, "Roll-outs that went back by themselves."u8);
        if (reloader is not null) text.Sample(reloader.Generations.Rollbacks);
        text.Family("dataplane_config_rollout_share_ratio"u8, MetricKind.Gauge,
            "Share of the connections that the generation being rolled out serves; 0 when none is."u8);
        text.Sample(snapshots.Candidate?.Share ?? 0);
    }
}
