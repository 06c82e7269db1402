using System.Runtime.CompilerServices;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The access log: a ring per loop, one writer for all of them. Requests never wait for it. Start it before loops use
/// it, dispose it after they have.
/// </summary>
public sealed class AccessLog : IExchangeRecorder, IMetricSource, IDisposable
{
    private readonly AccessLogShard[] _shards;
    private readonly AccessLogWriter _writer;
    private readonly AccessLogTotals _totals;

    /// <summary>
    /// The output is disposed with the log. The logger hears of lines that were lost; <paramref name="totals"/> are
    /// those of the logs before it.
    /// </summary>
    public AccessLog(
        ILogOutput output, AccessLogConfig config, int loops, TimeProvider time, ILogger? logger = null,
        AccessLogTotals? totals = null)
    {
        var rules = new LogRules(config);
        _shards = new AccessLogShard[loops];
        for (int each = 0; each < loops; each++)
        {
            var format = CreateFormat(config, rules, time);
            _shards[each] = new AccessLogShard(format, rules, time, (uint)Random.Shared.Next());
        }
        _totals = totals ?? new AccessLogTotals(loops);
        _writer = new AccessLogWriter(
            [.. _shards.Select(shard => shard.Ring)], output, _totals, logger ?? NullLogger.Instance);
    }

    /// <summary>
    /// The log a configuration asks for; null when it is off. Throws what opening a file throws.
    /// </summary>
    public static AccessLog? Create(
        AccessLogConfig config, int loops, TimeProvider time, ILogger? logger = null, AccessLogTotals? totals = null)
    {
        ILogOutput? output = config.Target switch
        {
            AccessLogTarget.Stdout => new StreamLogOutput(Console.OpenStandardOutput()),
            AccessLogTarget.Stderr => new StreamLogOutput(Console.OpenStandardError()),
            AccessLogTarget.File => new FileLogOutput(config.Path!),
            AccessLogTarget.Syslog => new SyslogLogOutput(config.Syslog!, time),
            _ => null,
        };
        return output is null ? null : new AccessLog(output, config, loops, time, logger, totals);
    }

    public void Start() => _writer.Start();

    /// <summary>Opens the file again, after a log rotation moved it away. Any thread; returns at once.</summary>
    public void Reopen() => _writer.Reopen();

    public void Write(PrometheusText text) => _totals.Write(text);

    public void Dispose() => _writer.Dispose();

    /// <summary>A line for the exchange, unless it is not drawn. The loop's thread; 0 bytes; never waits.</summary>
    // Not in the caller's frame, which would be cleared as a whole for each exchange.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Record(in ExchangeRecord record)
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
        if (!isAppended) _totals.Drop(shard);
        if (isHalfFull) _writer.Wake();
    }
}
