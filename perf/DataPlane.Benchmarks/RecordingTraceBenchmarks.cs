using BenchmarkDotNet.Attributes;
using DataPlane.Benchmarks.Exchanges;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Traces;

namespace DataPlane.Benchmarks;

/// <summary>What tracing costs an exchange on its loop: its ids, a try's, and the record for the exporter.</summary>
[MemoryDiagnoser]
public class RecordingTraceBenchmarks
{
    private readonly TraceShard _shard = new(new LogRules(new AccessLogConfig()));
    private readonly TraceSettings _all = SettingsOf(1);
    private readonly TraceSettings _none = SettingsOf(0);
    private GatewayRig _rig = null!;
    private PreparedExchange _sampled = null!;
    private PreparedExchange _other = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _sampled = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _other = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        Expect.That(IdentifySampled(), "everything is sampled");
        Expect.That(!IdentifyUnsampled(), "nothing is sampled");
        Expect.That(Record() > 300, "a record has more than 300 bytes");
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public bool IdentifySampled()
    {
        _sampled.Exchange.Identify(traceContext: true, _all);
        _sampled.Exchange.Trace.BeginTry(_rig.Snapshot.Upstreams[0].Endpoints[0], startTimestamp: 1);
        return _sampled.Exchange.Trace.IsSampled;
    }

    [Benchmark]
    public bool IdentifyUnsampled()
    {
        _other.Exchange.Identify(traceContext: true, _none);
        return _other.Exchange.Trace.IsSampled;
    }

    /// <summary>Into the ring and out of the way again.</summary>
    [Benchmark]
    public int Record()
    {
        var record = _sampled.Record();
        _shard.TryAppend(record, out _);
        int length = _shard.Ring.Peek(out _, out _);
        _shard.Ring.Release(length);
        return length;
    }

    private static TraceSettings SettingsOf(double sample) => TraceSettings.Of(new TracingConfig
    {
        Sample = sample,
        Exporter = new SpanExporterConfig { Otlp = new Uri("http://127.0.0.1:4318") },
    })!;
}
