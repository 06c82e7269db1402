using DataPlane.Gateway.Recording;

namespace DataPlane.Lambda.Hosting;

/// <summary>The counters of the functions in force. One scrape at a time; 0 bytes for names seen before.</summary>
public sealed class FunctionMetrics(FunctionHost host) : IMetricSource
{
    private static readonly byte[] s_starting = MetricLabel.Render("state", "starting");
    private static readonly byte[] s_idle = MetricLabel.Render("state", "idle");
    private static readonly byte[] s_busy = MetricLabel.Render("state", "busy");

    private readonly LabelCache _function = new("function");

    public void Write(PrometheusText text)
    {
        var functions = host.Functions;
        text.Family("dataplane_function_invocations"u8, MetricKind.Counter, "Invocations, refused ones included."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.Invocations, Of(each));
        text.Family("dataplane_function_errors"u8, MetricKind.Counter,
            "Invocations that failed, timed out, or lost their environment."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.Errors, Of(each));
        text.Family("dataplane_function_timeouts"u8, MetricKind.Counter, "Invocations killed at their timeout."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.Timeouts, Of(each));
        text.Family("dataplane_function_throttles"u8, MetricKind.Counter, "Invocations refused with 429."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.Throttles, Of(each));
        text.Family("dataplane_function_run_seconds"u8, MetricKind.Counter, "Time from event to answer."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.RunSeconds, Of(each));
        text.Family("dataplane_function_starts"u8, MetricKind.Counter, "Environments started."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.Starts, Of(each));
        text.Family("dataplane_function_failed_starts"u8, MetricKind.Counter, "Environments that did not start."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.FailedStarts, Of(each));
        text.Family("dataplane_function_init_seconds"u8, MetricKind.Counter, "Time environments took to start."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.InitSeconds, Of(each));
        text.Family("dataplane_function_dropped_output_bytes"u8, MetricKind.Counter,
            "Output of functions that was too much to take."u8);
        foreach (var each in functions.Values) text.Sample(each.Counters.DroppedOutputBytes, Of(each));
        WriteGauges(text, functions.Values);
    }

    private void WriteGauges(PrometheusText text, IEnumerable<HostedFunction> functions)
    {
        text.Family("dataplane_function_concurrency"u8, MetricKind.Gauge, "Invocations that run now."u8);
        foreach (var each in functions) text.Sample((long)each.Counters.Concurrency, Of(each));
        text.Family("dataplane_function_waiting"u8, MetricKind.Gauge, "Invocations that wait for an environment."u8);
        foreach (var each in functions) text.Sample((long)each.Counters.Waiting, Of(each));
        text.Family("dataplane_function_environments"u8, MetricKind.Gauge, "Environments by what they do."u8);
        foreach (var each in functions)
        {
            text.Sample((long)each.Counters.Starting, Of(each), s_starting);
            text.Sample((long)each.Counters.Idle, Of(each), s_idle);
            text.Sample((long)each.Counters.Busy, Of(each), s_busy);
        }
    }

    private byte[] Of(HostedFunction function) => _function.Of(function.Name);
}
