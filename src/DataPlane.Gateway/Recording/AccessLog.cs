using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The access log: a ring per loop, one writer for all of them. Requests never wait for it. Start it before the loops,
/// dispose it after them.
/// </summary>
public sealed class AccessLog : IMetricSource, IDisposable
{
    private static readonly LogLoss[] s_losses = [.. Enum.GetValues<LogLoss>().Where(loss => loss != LogLoss.None)];
    private static readonly byte[][] s_labels = [.. s_losses.Select(LogLosses.LabelOf)];

    private readonly AccessLogShard[] _shards;
    private readonly AccessLogWriter _writer;
    private readonly ShardedCounter _dropped;

    /// <summary>The output is disposed with the log. The logger hears of lines that were lost.</summary>
    public AccessLog(
        ILogOutput output, AccessLogConfig config, int loops, TimeProvider time, ILogger? logger = null)
    {
        var rules = new LogRules(config);
        _shards = new AccessLogShard[loops];
        for (int each = 0; each < loops; each++)
        {
            var format = CreateFormat(config, rules, time);
            _shards[each] = new AccessLogShard(format, rules, time, (uint)Random.Shared.Next());
        }
        _dropped = new ShardedCounter(loops);
        _writer = new AccessLogWriter(
            [.. _shards.Select(shard => shard.Ring)], output, logger ?? NullLogger.Instance);
    }

    /// <summary>
    /// The log a configuration asks for; null when it is off. Throws what opening a file throws.
    /// </summary>
    public static AccessLog? Create(AccessLogConfig config, int loops, TimeProvider time, ILogger? logger = null)
    {
        ILogOutput? output = config.Target switch
        {
            AccessLogTarget.Stdout => new StreamLogOutput(Console.OpenStandardOutput()),
            AccessLogTarget.Stderr => new StreamLogOutput(Console.OpenStandardError()),
            AccessLogTarget.File => new FileLogOutput(config.Path!),
            AccessLogTarget.Syslog => new SyslogLogOutput(config.Syslog!, time),
            _ => null,
        };
        return output is null ? null : new AccessLog(output, config, loops, time, logger);
    }

    public void Start() => _writer.Start();

    /// <summary>Opens the file again, after a log rotation moved it away. Any thread; returns at once.</summary>
    public void Reopen() => _writer.Reopen();

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_access_log_lines"u8, MetricKind.Counter, "Access log lines written."u8);
        text.Sample(_writer.Written);
        text.Family("dataplane_access_log_dropped_lines"u8, MetricKind.Counter, "Access log lines lost, by reason."u8);
        for (int each = 0; each < s_losses.Length; each++)
        {
            bool isRing = s_losses[each] == LogLoss.RingFull;
            text.Sample(isRing ? _dropped.Read() : _writer.LostFor(s_losses[each]), s_labels[each]);
        }
        text.Family("dataplane_access_log_write_errors"u8, MetricKind.Counter, "Failed writes of the access log."u8);
        text.Sample(_writer.Errors);
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>A line for the exchange, unless it is not drawn. The loop's thread; 0 bytes; never waits.</summary>
    internal void Append(in ExchangeRecord record)
    {
        int shard = record.Exchange.Loop.Index;
        var own = _shards[shard];
        if (!own.Takes(record)) return;
        Count(shard, own.TryAppend(record, out bool isHalfFull), isHalfFull);
    }

    /// <summary>The loop's thread; 0 bytes; never waits.</summary>
    internal void Append(int shard, in LogFields fields) =>
        Count(shard, _shards[shard].TryAppend(fields, out bool isHalfFull), isHalfFull);

    internal static ILogLineFormat CreateFormat(AccessLogConfig config, LogRules rules, TimeProvider time) =>
        config.Format switch
        {
            AccessLogFormat.Clf => new CombinedLogLine(withFields: false),
            AccessLogFormat.Combined => new CombinedLogLine(withFields: true),
            AccessLogFormat.Template => new TemplateLogLine(config.Template!, rules, time),
            _ => new JsonLogLine(time),
        };

    private void Count(int shard, bool isAppended, bool isHalfFull)
    {
        if (!isAppended) _dropped.Add(shard, 1);
        if (isHalfFull) _writer.Wake();
    }
}
