using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The access log: a ring per loop, one writer for all of them. Requests never wait for it. Start it before the loops,
/// dispose it after them.
/// </summary>
public sealed class AccessLog : IMetricSource, IDisposable
{
    private static readonly byte[] s_full = MetricLabel.Render("reason", "ring_full");
    private static readonly byte[] s_failed = MetricLabel.Render("reason", "write_error");

    private readonly AccessLogShard[] _shards;
    private readonly AccessLogWriter _writer;
    private readonly ShardedCounter _dropped;

    /// <summary>
    /// The output is disposed with the log. <paramref name="sample"/> is the share of exchanges logged, 0 to 1.
    /// </summary>
    public AccessLog(ILogOutput output, AccessLogFormat format, double sample, int loops, TimeProvider time)
    {
        ILogLineFormat line = format == AccessLogFormat.Combined ? new CombinedLogLine() : new JsonLogLine(time);
        _shards = new AccessLogShard[loops];
        for (int each = 0; each < loops; each++)
        {
            _shards[each] = new AccessLogShard(line, time, sample, (uint)Random.Shared.Next());
        }
        _dropped = new ShardedCounter(loops);
        _writer = new AccessLogWriter([.. _shards.Select(shard => shard.Ring)], output);
    }

    public void Start() => _writer.Start();

    /// <summary>Opens the file again, after a log rotation moved it away. Any thread; returns at once.</summary>
    public void Reopen() => _writer.Reopen();

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_access_log_lines"u8, MetricKind.Counter, "Access log lines written."u8);
        text.Sample(_writer.Written);
        text.Family("dataplane_access_log_dropped_lines"u8, MetricKind.Counter, "Access log lines lost, by reason."u8);
        text.Sample(_dropped.Read(), s_full);
        text.Sample(_writer.Lost, s_failed);
        text.Family("dataplane_access_log_write_errors"u8, MetricKind.Counter, "Failed writes of the access log."u8);
        text.Sample(_writer.Errors);
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>Draws whether the next exchange of this loop is logged. The loop's thread.</summary>
    internal bool Takes(int shard) => _shards[shard].Takes();

    /// <summary>The loop's thread; 0 bytes; never waits.</summary>
    internal void Append(int shard, in ExchangeRecord record)
    {
        var own = _shards[shard];
        var fields = ExchangeFields.ToLogFields(record, own.Fragments, own.WantsFields);
        Append(shard, fields);
    }

    /// <summary>The loop's thread; 0 bytes; never waits.</summary>
    internal void Append(int shard, in LogFields fields)
    {
        if (!_shards[shard].TryAppend(fields, out bool isHalfFull)) _dropped.Add(shard, 1);
        if (isHalfFull) _writer.Wake();
    }
}
