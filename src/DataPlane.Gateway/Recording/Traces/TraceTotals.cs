namespace DataPlane.Gateway.Recording.Traces;

/// <summary>
/// What became of the spans of all exporters of a process: one may follow another, and counters must not fall. Any
/// thread, but <see cref="Drop"/>.
/// </summary>
public sealed class TraceTotals(int loops) : IMetricSource
{
    private static readonly byte[] s_full = MetricLabel.Render("reason", "queue_full");
    private static readonly byte[] s_failed = MetricLabel.Render("reason", "export_failed");

    private readonly ShardedCounter _dropped = new(loops);
    private long _exported;
    private long _failed;

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_trace_spans_exported"u8, MetricKind.Counter, "Spans the receiver took."u8);
        text.Sample(Interlocked.Read(ref _exported));
        text.Family("dataplane_trace_spans_dropped"u8, MetricKind.Counter, "Spans lost, by reason."u8);
        text.Sample(_dropped.Read(), s_full);
        text.Sample(Interlocked.Read(ref _failed), s_failed);
    }

    /// <summary>A ring was full. The loop's thread; 0 bytes.</summary>
    internal void Drop(int loop, int spans) => _dropped.Add(loop, spans);

    internal void Sent(int spans, bool isTaken) => Interlocked.Add(ref isTaken ? ref _exported : ref _failed, spans);
}
