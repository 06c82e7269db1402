using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>
/// Hands sampled exchanges to a thread that makes spans of them and exports these. The loop: 0 bytes, never waits, one
/// test for an exchange that is not sampled. Start it before the loops, dispose it after them.
/// </summary>
public sealed class TraceRecorder : IExchangeRecorder, IMetricSource, IDisposable
{
    private static readonly byte[] s_full = MetricLabel.Render("reason", "queue_full");
    private static readonly byte[] s_failed = MetricLabel.Render("reason", "export_failed");

    private readonly TraceShard[] _shards;
    private readonly SpanSender _sender;
    private readonly ShardedCounter _dropped;

    internal TraceRecorder(ISpanExporter exporter, LogRedactionConfig redact, int loops, ILogger logger)
    {
        var rules = new LogRules(new AccessLogConfig { Redact = redact });
        _shards = new TraceShard[loops];
        for (int each = 0; each < loops; each++) _shards[each] = new TraceShard(rules);
        _dropped = new ShardedCounter(loops);
        _sender = new SpanSender([.. _shards.Select(shard => shard.Ring)], exporter, logger);
    }

    /// <summary>Null when the configuration asks for no spans.</summary>
    public static TraceRecorder? Create(GatewayConfig config, int loops, TimeProvider time, ILogger logger) =>
        config.Tracing.Exporter is null
            ? null
            : new TraceRecorder(
                new OtlpSpanExporter(config.Tracing, time), config.AccessLog.Redact, loops, logger);

    public void Start() => _sender.Start();

    public void Record(in ExchangeRecord record)
    {
        if (!record.Exchange.Trace.IsSampled) return;
        int shard = record.Exchange.Loop.Index;
        if (!_shards[shard].TryAppend(record, out bool isHalfFull))
            _dropped.Add(shard, 1 + record.Exchange.Trace.Tries.Length);
        if (isHalfFull) _sender.Wake();
    }

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_trace_spans_exported"u8, MetricKind.Counter, "Spans the receiver took."u8);
        text.Sample(_sender.Exported);
        text.Family("dataplane_trace_spans_dropped"u8, MetricKind.Counter, "Spans lost, by reason."u8);
        text.Sample(_dropped.Read(), s_full);
        text.Sample(_sender.Failed, s_failed);
    }

    public void Dispose() => _sender.Dispose();
}
