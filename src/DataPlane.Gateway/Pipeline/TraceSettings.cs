using DataPlane.Config;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// The compiled <c>tracing</c>, apart from where spans go. Null stands for a gateway that only passes W3C contexts on.
/// Immutable; any thread.
/// </summary>
public sealed class TraceSettings
{
    private readonly ulong _threshold;

    private TraceSettings(TracingConfig config)
    {
        Samples = config.Exporter is not null;
        FollowsParent = config.FollowsParent;
        XRay = config.XRay;
        _threshold = config.Sample >= 1 ? ulong.MaxValue : (ulong)(config.Sample * ulong.MaxValue);
    }

    /// <summary>Spans are made of some exchanges.</summary>
    public bool Samples { get; }

    /// <summary>A caller's decision holds.</summary>
    public bool FollowsParent { get; }

    /// <summary>X-Amzn-Trace-Id is accepted and passed on.</summary>
    public bool XRay { get; }

    /// <summary>Null when nothing is asked for.</summary>
    public static TraceSettings? Of(TracingConfig config) =>
        config.Exporter is null && !config.XRay ? null : new TraceSettings(config);

    /// <summary>
    /// Whether a trace is drawn, by the random half of its id: every gateway that draws with the same share draws the
    /// same traces (OpenTelemetry's TraceIdRatioBased).
    /// </summary>
    public bool Draws(ulong random) => _threshold == ulong.MaxValue || random < _threshold;
}
