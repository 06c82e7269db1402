using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Compatibility;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// The steps of <see cref="WholeExchangeBenchmarks.ProxiedGet"/> that no other class measures, on the same exchange:
/// with
/// the heads, the pool and the four suspended methods they add up to the whole.
/// </summary>
[MemoryDiagnoser]
public class ExchangeStepBenchmarks
{
    private readonly byte[] _headSlab = new byte[2048];
    private readonly AccessLogShard _log = new(
        new JsonLogLine(TimeProvider.System), new LogRules(new AccessLogConfig()), TimeProvider.System, seed: 1);
    private readonly LogFragments _fragments = new(new LogRules(new AccessLogConfig()));
    private readonly LogRedactor _redactor = new(new LogRules(new AccessLogConfig()));
    private readonly ErrorSlot _slot = new();
    private readonly CompatibilityRecorder _compatibility = new(
        1, TimeProvider.System, [MetricNames.Traefik], new MetricsSettings(), new EverySeries());
    private GatewayRig _rig = null!;
    private PreparedExchange _prepared = null!;
    private UpstreamConnection _connection = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _rig = new GatewayRig();
        _prepared = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        var opened = await _rig.Snapshot.Upstreams[0].OpenAsync(
            _prepared.Exchange, _rig.Snapshot.Upstreams[0].Endpoints[0]);
        _connection = opened.Connection!;
        Expect.Same(ParseStatus.Complete, Parse());
        Expect.Same(32, Identify());
        Expect.That(Match(), "the request has a route");
        Expect.Same("user", _prepared.Exchange.Route!.Id);
        Expect.Same(ParseStatus.Complete, ParseResponse());
        Metrics();
        Expect.That(Log() > 300, "a line of a proxied exchange has more than 300 bytes");
        Expect.That(Failure() > 0, "a failure has a status");
        Compatibility();
        ArmAndDisarm();
        Expect.That(Clock() > 0, "the clock goes");
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public ParseStatus Parse() => _prepared.Parse();

    /// <summary>A request id and a trace id, both made.</summary>
    [Benchmark]
    public int Identify()
    {
        _prepared.Identify();
        return _prepared.Exchange.RequestId.Length;
    }

    /// <summary>Canonical path and trie, of 100 routes.</summary>
    [Benchmark]
    public bool Match() => _prepared.Match();

    [Benchmark]
    public ParseStatus ParseResponse() => _prepared.ParseResponse();

    /// <summary>A head, out of the transport's buffer.</summary>
    [Benchmark]
    public int CopyHead()
    {
        SampleMessages.TypicalRequest.CopyTo(_headSlab, 0);
        return _headSlab[0];
    }

    [Benchmark]
    public void ArmAndDisarm()
    {
        _connection.Arm(30_000, ExchangeOutcome.UpstreamResponseTimeout);
        _connection.Disarm();
    }

    [Benchmark]
    public void Metrics()
    {
        var record = _prepared.Record();
        _rig.Metrics.Record(in record);
    }

    /// <summary>What a failed exchange costs more than one that went well.</summary>
    [Benchmark]
    public int Failure()
    {
        var record = _prepared.Record();
        ExchangeFields.Keep(record, _fragments, _redactor, _slot);
        return _slot.StatusCode;
    }

    /// <summary>Counted once more, under other products' names; only where the configuration asks for it.</summary>
    [Benchmark]
    public void Compatibility()
    {
        var record = _prepared.Record();
        _compatibility.Record(in record);
    }

    /// <summary>A line into the ring and out of the way again: faster than a writer's thread could follow.</summary>
    [Benchmark]
    public int Log()
    {
        var record = _prepared.Record();
        if (_log.Takes(record)) _log.TryAppend(record, out _);
        var length = _log.Ring.Peek(out _, out _);
        _log.Ring.Release(length);
        return length;
    }

    /// <summary>Read by the loop once a turn and by an exchange five times.</summary>
    [Benchmark]
    public long Clock() => _rig.Loop.Time.GetTimestamp();

    /// <summary>Time and timers of one turn of the loop.</summary>
    [Benchmark]
    public long Turn()
    {
        _rig.Turn();
        return _rig.Loop.NowMs;
    }
}
