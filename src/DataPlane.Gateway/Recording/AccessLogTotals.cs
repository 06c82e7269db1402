namespace DataPlane.Gateway.Recording;

/// <summary>
/// What became of the lines of all access logs of a process: one may follow another, and counters must not fall. Any
/// thread, but <see cref="Drop"/>.
/// </summary>
public sealed class AccessLogTotals(int loops) : IMetricSource
{
    private static readonly LogLoss[] s_losses = [.. Enum.GetValues<LogLoss>().Where(loss => loss != LogLoss.None)];
    private static readonly byte[][] s_labels = [.. s_losses.Select(LogLosses.LabelOf)];

    private readonly ShardedCounter _dropped = new(loops);
    private readonly long[] _lost = new long[Enum.GetValues<LogLoss>().Length];
    private long _written;
    private long _errors;

    /// <summary>Lines that an output took.</summary>
    public long Written => Interlocked.Read(ref _written);

    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Lines that an output did not take.</summary>
    internal long LostFor(LogLoss reason) => Interlocked.Read(ref _lost[(int)reason]);

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_access_log_lines"u8, MetricKind.Counter, "Access log lines written."u8);
        text.Sample(Written);
        text.Family("dataplane_access_log_dropped_lines"u8, MetricKind.Counter, "Access log lines lost, by reason."u8);
        for (int each = 0; each < s_losses.Length; each++)
        {
            bool isRing = s_losses[each] == LogLoss.RingFull;
            text.Sample(isRing ? _dropped.Read() : LostFor(s_losses[each]), s_labels[each]);
        }
        text.Family("dataplane_access_log_write_errors"u8, MetricKind.Counter, "Failed writes of the access log."u8);
        text.Sample(Errors);
    }

    /// <summary>A ring was full. The loop's thread; 0 bytes.</summary>
    internal void Drop(int loop) => _dropped.Add(loop, 1);

    internal void Add(int written) => Interlocked.Add(ref _written, written);

    internal void Fail() => Interlocked.Increment(ref _errors);

    internal void Lose(LogLoss reason, int lines) => Interlocked.Add(ref _lost[(int)reason], lines);
}
