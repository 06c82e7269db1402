using DataPlane.Gateway.Recording;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Queue;

/// <summary>The queue of each function in force. One scrape at a time; 0 bytes for names seen before.</summary>
public sealed class QueueMetrics(FunctionHost host, TimeProvider time) : IMetricSource
{
    private readonly LabelCache _function = new("function");

    public void Write(PrometheusText text)
    {
        var queue = host.Queue;
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        text.Family("dataplane_function_queue_entries"u8, MetricKind.Gauge, "Events that wait or run."u8);
        foreach (string name in host.Functions.Keys) text.Sample(queue.CountersOf(name).Entries, Of(name));
        text.Family("dataplane_function_queue_bytes"u8, MetricKind.Gauge, "Their payloads."u8);
        foreach (string name in host.Functions.Keys) text.Sample(queue.CountersOf(name).Bytes, Of(name));
        text.Family("dataplane_function_queue_oldest_seconds"u8, MetricKind.Gauge, "Age of the oldest of them."u8);
        foreach (string name in host.Functions.Keys)
        {
            long oldestMs = queue.CountersOf(name).OldestMs;
            text.Sample(oldestMs == 0 ? 0.0 : Math.Max(0, nowMs - oldestMs) / 1000.0, Of(name));
        }
        text.Family("dataplane_function_queue_retries"u8, MetricKind.Counter, "Events put back for another attempt."u8);
        foreach (string name in host.Functions.Keys) text.Sample(queue.CountersOf(name).Retries, Of(name));
        text.Family("dataplane_function_queue_dropped"u8, MetricKind.Counter,
            "Events given up that no destination got."u8);
        foreach (string name in host.Functions.Keys) text.Sample(queue.CountersOf(name).Dropped, Of(name));
        text.Family("dataplane_function_queue_refused"u8, MetricKind.Counter,
            "Events refused because the queue was full."u8);
        foreach (string name in host.Functions.Keys) text.Sample(queue.CountersOf(name).Refused, Of(name));
    }

    private byte[] Of(string function) => _function.Of(function);
}
