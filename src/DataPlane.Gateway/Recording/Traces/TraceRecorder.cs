using System.Runtime.CompilerServices;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>
/// Hands sampled exchanges to a thread that makes spans of them and exports these. The loop: 0 bytes, never waits, one
/// test for an exchange that is not sampled. Start it before loops use it, dispose it after they have.
/// </summary>
public sealed class TraceRecorder : IExchangeRecorder, IMetricSource, IDisposable
{
    private readonly TraceShard[] _shards;
    private readonly SpanSender _sender;
    private readonly TraceTotals _totals;

    internal TraceRecorder(
        ISpanExporter exporter, LogRedactionConfig redact, int loops, ILogger logger, TraceTotals? totals = null)
    {
        var rules = new LogRules(new AccessLogConfig { Redact = redact });
        _shards = new TraceShard[loops];
        for (int each = 0; each < loops; each++) _shards[each] = new TraceShard(rules);
        _totals = totals ?? new TraceTotals(loops);
        _sender = new SpanSender([.. _shards.Select(shard => shard.Ring)], exporter, _totals, logger);
    }

    /// <summary>Null when the configuration asks for no spans.</summary>
    public static TraceRecorder? Create(
        TracingConfig config, LogRedactionConfig redact, int loops, TimeProvider time, ILogger logger,
        TraceTotals? totals = null) =>
        config.Exporter is null
            ? null
            : new TraceRecorder(new OtlpSpanExporter(config, time), redact, loops, logger, totals);

    public void Start() => _sender.Start();

    public void Record(in ExchangeRecord record)
    {
        if (record.Exchange.Trace.IsSampled) Append(in record);
    }

    public void Write(PrometheusText text) => _totals.Write(text);

    public void Dispose() => _sender.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Append(in ExchangeRecord record)
    {
        int shard = record.Exchange.Loop.Index;
        if (!_shards[shard].TryAppend(record, out bool isHalfFull))
            _totals.Drop(shard, 1 + record.Exchange.Trace.Tries.Length);
        if (isHalfFull) _sender.Wake();
    }
}
